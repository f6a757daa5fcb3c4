import type { Failure } from '@infrafabric/session'
import { cutLine } from './visible.ts'

const REASONS: Record<Failure['code'], string> = {
  throttled: 'the provider kept asking for fewer calls',
  unavailable: 'the provider or the network failed',
  timeout: 'it took longer than the time allowed',
  garbage: "the model's answer could not be used",
  refused: 'the model declined',
  crashed: 'the agent crashed',
  'slice-exceeded': 'the next call could have cost more than was reserved for it',
  'invalid-request': 'the provider does not accept the call',
  unauthorized: 'the provider refused the key',
  'spend-limit': "the provider's own spending limit was reached",
  'cut-off': 'crashes used up what was reserved for it',
  cancelled: 'it was cancelled',
  lost: 'the agent did not answer in time',
  malformed: "the agent's reply could not be read",
}

/** Why a task failed, without who did it: the detail of a lost attempt names its agent, so it stays in the record. */
export function reasonOf(failure: Failure): string {
  const detail = failure.code === 'lost' ? '' : cutLine(failure.detail, 400)
  return detail === '' ? REASONS[failure.code] : `${REASONS[failure.code]}: ${detail}`
}
