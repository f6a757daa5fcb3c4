import type { Document, EvidenceIndex } from '@infrafabric/evidence'
import { type AgentRuntime, type AgentTools, type Brief, DriverError, ModelError } from '@infrafabric/ports'
import {
  type FailureCode,
  type Outcome,
  parseOutcome,
  type TaskFailure,
  type TaskResult,
} from '@infrafabric/session'
import { AgentError } from './agent-error.ts'
import { type MeteredModel, SliceExceeded, wholeOf } from './metered-model.ts'
import { cleanText, plainJson } from './plain-json.ts'

const DETAIL_CHARACTERS_MAX = 1_000

/** What all attempts of a host share. */
export interface Workshop {
  evidence(): Promise<{ index: EvidenceIndex; documents: readonly Document[] }>
}

/** Does one attempt and says how it went. Rejects only when the host itself cannot go on: its disk is full, it was stopped. */
export async function perform(
  brief: Brief,
  agent: { runtime: AgentRuntime; meter: MeteredModel | null },
  workshop: Workshop,
  signal: AbortSignal,
): Promise<TaskResult | TaskFailure> {
  const { task, attempt } = brief
  const { meter } = agent
  const result = await outcomeOf(brief, agent, workshop, signal)
  // It may go on in another process, and must not be ended here.
  if (signal.reason instanceof HostStopped) throw signal.reason
  await meter?.settle()
  const charges = [...(meter?.charges ?? [])]
  const limits = meter?.limits ?? null
  // Members in canonical order are written in one go.
  if (result.kind === 'result') {
    return { attempt, charges, kind: 'result', limits, outcome: result.outcome, task }
  }
  const { code, detail, retry_after_ms } = result
  return { attempt, charges, code, detail, kind: 'failure', limits, retry_after_ms, task }
}

/** Reports what an attempt that was cancelled before it began here has cost: calls of a process that died. */
export async function reportCancelled(
  { task, attempt }: Pick<Brief, 'task' | 'attempt'>,
  meter: MeteredModel | null,
): Promise<TaskFailure> {
  await meter?.settle()
  const charges = [...(meter?.charges ?? [])]
  const detail = 'cancelled by the coordinator'
  return {
    attempt,
    charges,
    code: 'cancelled',
    detail,
    kind: 'failure',
    limits: null,
    retry_after_ms: null,
    task,
  }
}

type Ending =
  | Pick<TaskResult, 'kind' | 'outcome'>
  | Pick<TaskFailure, 'kind' | 'code' | 'detail' | 'retry_after_ms'>

async function outcomeOf(
  brief: Brief,
  agent: { runtime: AgentRuntime; meter: MeteredModel | null },
  workshop: Workshop,
  signal: AbortSignal,
): Promise<Ending> {
  try {
    const tools = await toolsOf(agent.meter, workshop)
    // Whoever was cancelled meanwhile must not begin: a function agent may have effects.
    signal.throwIfAborted()
    const outcome = await abortable(agent.runtime.perform(brief, tools, signal), signal)
    return { kind: 'result', outcome: checked(outcome) }
  } catch (error) {
    if (error instanceof DriverError) throw error
    const { code, detail, retryAfterMs } = failureOf(error, signal)
    return { kind: 'failure', code, detail, retry_after_ms: retryAfterMs }
  }
}

async function toolsOf(meter: MeteredModel | null, workshop: Workshop): Promise<AgentTools> {
  const { index, documents } = await workshop.evidence()
  return {
    search: (query, limit) => index.search(query, limit),
    documents: () => documents,
    evidence: index,
    complete(request) {
      if (meter === null) throw new Error('this agent has no language model')
      return meter.complete(request)
    },
  }
}

/** An agent that does not heed its signal must not hold its place for ever. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** An outcome that a message can carry: plain JSON, well-formed text, within the limits. */
function checked(outcome: Outcome): Outcome {
  const parsed = parseOutcome(plainJson(outcome))
  if (!parsed.ok) throw new AgentError('garbage', parsed.detail)
  return parsed.value
}

export class AttemptTimeout extends Error {}
export class AttemptCancelled extends Error {}
export class HostStopped extends Error {}

const CODE_OF: Record<ModelError['code'], FailureCode> = {
  unauthorized: 'unauthorized',
  forbidden: 'unauthorized',
  'not-found': 'invalid-request',
  'invalid-request': 'invalid-request',
  'rate-limited': 'throttled',
  overloaded: 'throttled',
  'spend-limit': 'spend-limit',
  unavailable: 'unavailable',
  timeout: 'timeout',
  garbage: 'garbage',
  aborted: 'cancelled',
}

function failureOf(
  error: unknown,
  signal: AbortSignal,
): { code: FailureCode; detail: string; retryAfterMs: number | null } {
  const message = error instanceof Error ? error.message : String(error)
  const detail = cleanText(message.slice(0, DETAIL_CHARACTERS_MAX))
  if (signal.aborted) {
    if (signal.reason instanceof AttemptTimeout) {
      return { code: 'timeout', detail: signal.reason.message, retryAfterMs: null }
    }
    return { code: 'cancelled', detail: 'cancelled by the coordinator', retryAfterMs: null }
  }
  if (error instanceof ModelError) {
    return { code: CODE_OF[error.code], detail, retryAfterMs: wholeOf(error.retryAfterMs) ?? null }
  }
  if (error instanceof AgentError) return { code: error.code, detail, retryAfterMs: null }
  if (error instanceof SliceExceeded) return { code: error.code, detail, retryAfterMs: null }
  return { code: 'crashed', detail, retryAfterMs: null }
}
