import type { Notice, Session, Stop } from '@infrafabric/session'
import { expect, it } from 'vitest'
import { describeNotice } from './describe-notice.ts'

const failure = { code: 'unavailable' as const, detail: 'the provider\u001b[2J failed' }

it.each<[Notice, string | null]>([
  [{ kind: 'planned', tasks: 1 }, 'planned 1 task'],
  [{ kind: 'assigned', task: 'a', attempt: 1, agent: 'h01' }, null],
  [
    { kind: 'finished', task: 'a', attempt: 1, agent: 'h01', claims: 0, costMicros: 0 },
    '✓ a: no evidence found',
  ],
  [
    { kind: 'finished', task: '_synthesis', attempt: 1, agent: 's01', claims: 2, costMicros: 1_500 },
    '✓ synthesis: 2 claims ($0.0015)',
  ],
  [
    { kind: 'attempt-failed', task: 'a', attempt: 2, agent: 'h01', failure, retryAt: 3_000 },
    '! a: try 2 failed: the provider\\u{1b}[2J failed; tried again in 2.0 s',
  ],
  [{ kind: 'failed', task: 'a', failure }, '✗ a: given up: the provider\\u{1b}[2J failed'],
  [{ kind: 'skipped', task: 'b', because: 'a' }, '✗ b: left out, because a failed'],
  [
    { kind: 'throttled', model: 'x/y', until: 2_500, concurrency: 1 },
    '! x/y asks to slow down: 1 call at a time, waiting 1.5 s',
  ],
  [
    { kind: 'budget', percent: 80, spentMicros: 800_000, limitMicros: 1_000_000 },
    '! 80 % of the budget is spent: $0.80 of $1.00',
  ],
  [
    draining({ is: 'out-of-time' }, 3),
    '! stopping: the deadline is reached; waiting for 3 attempts under way',
  ],
  [draining({ is: 'completed' }, 0), null],
])('says of %j: %s', (notice, text) => {
  const session = {
    at: 1_000,
    tasksById: new Map(),
    terms: { worker: { model: 'extractive' } },
  } as unknown as Session
  expect(describeNotice(notice, session, (_style, shown) => shown)).toBe(text)
})

function draining(why: Stop, running: number): Notice {
  // biome-ignore lint/suspicious/noThenProperty: what it does then is the notice's word, and it is never awaited.
  return { kind: 'draining', then: why, running }
}

it('does not speak of evidence where none is looked for', () => {
  const tasksById = new Map([['a', { role: 'worker' }]])
  const session = { at: 0, tasksById, terms: { worker: { model: 'function' } } } as unknown as Session
  const finished = { kind: 'finished', attempt: 1, agent: 'h01', claims: 0, costMicros: 0 } as const
  expect(describeNotice({ ...finished, task: 'a' }, session, (_style, shown) => shown)).toBe('✓ a: done')
  expect(describeNotice({ ...finished, task: '_plan' }, session, (_style, shown) => shown)).toBeNull()
})
