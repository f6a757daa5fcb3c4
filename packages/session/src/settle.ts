import { cancelAttempt, leave, paceOf } from './attempts.ts'
import { backoffMs } from './backoff.ts'
import {
  addUsage,
  dueWarning,
  eachCallOnce,
  noUsage,
  priceCharges,
  reconcile,
  settle,
  vanish,
} from './budget.ts'
import type { Charge, FailureCode, TaskFailure, TaskResult } from './contents.ts'
import type { Step } from './decision.ts'
import type { Inbound } from './event.ts'
import { PLANNED_TASKS_MAX } from './mission.ts'
import { addTasks, makeReady } from './open-session.ts'
import { onLimits, onReleased, onSucceeded, onThrottled, onUnavailable } from './pace.ts'
import { drain } from './phase.ts'
import { planFault } from './plan.ts'
import type { Agent, Attempt, Failure, Session, Task } from './state.ts'

/** A provider that only ever says "later", or a host that only ever crashes, fails the task in the end. */
const THROTTLES_MAX = 20

/** What a failure means for its task. */
const AFTER: Record<Failure['code'], 'rest' | 'wait' | 'fail' | 'halt' | 'drop'> = {
  throttled: 'wait',
  'cut-off': 'wait',
  unavailable: 'rest',
  timeout: 'rest',
  garbage: 'rest',
  refused: 'rest',
  crashed: 'rest',
  lost: 'rest',
  malformed: 'rest',
  'slice-exceeded': 'fail',
  'invalid-request': 'fail',
  unauthorized: 'halt',
  'spend-limit': 'halt',
  cancelled: 'drop',
}

/** An agent reports on an attempt: once it counts, later it only settles what was left open. */
export function onReply(session: Session, agent: Agent, reply: TaskResult | TaskFailure, out: Step): void {
  const attempt = session.tasksById.get(reply.task)?.attempts[reply.attempt - 1]
  if (attempt === undefined || attempt.agent !== agent) {
    const detail = `reports on attempt ${reply.attempt} of "${reply.task}", which it was not given`
    out.notices.push({ kind: 'alarm', sender: agent.name, detail })
    return
  }
  if (attempt.state === 'settled') return
  const late = attempt.state === 'vanished'
  settleAttempt(session, attempt, reply.charges, out)
  if (!late) paceReply(session, attempt, reply, out)
  if (reply.kind === 'result') accept(session, attempt, reply, out)
  else if (!late) failAttempt(session, attempt, { code: reply.code, detail: reply.detail }, out)
}

/** The reply cannot be read, so the attempt it answers is not known: each the agent has counts as failed in full. */
export function onMalformed(
  session: Session,
  agent: Agent,
  message: Inbound,
  detail: string,
  out: Step,
): void {
  out.notices.push({ kind: 'alarm', sender: agent.name, detail: `${message.messageId}: ${detail}` })
  for (const attempt of session.running) {
    if (attempt.agent !== agent) continue
    vanishAttempt(session, attempt, out)
    failAttempt(session, attempt, { code: 'malformed', detail }, out)
  }
}

/** The lease ran out without a word. */
export function loseAttempt(session: Session, attempt: Attempt, out: Step): void {
  vanishAttempt(session, attempt, out)
  const detail = `agent ${attempt.agent.name} did not answer in time`
  failAttempt(session, attempt, { code: 'lost', detail }, out)
}

/** Nobody knows what it cost: its whole slice, until it is heard of. */
function vanishAttempt(session: Session, attempt: Attempt, out: Step): void {
  leave(session, attempt)
  vanish(session.budget, attempt.sliceMicros)
  attempt.state = 'vanished'
  attempt.costMicros = attempt.sliceMicros
  onReleased(paceOf(session, attempt.task.role))
  warn(session, out)
}

function settleAttempt(session: Session, attempt: Attempt, reported: readonly Charge[], out: Step): void {
  const terms = session.terms[attempt.task.role]
  const charges = eachCallOnce(reported)
  const priced = priceCharges(charges, terms)
  // An agent's word never costs more than what was set aside for it, or the budget would be no hard stop.
  const cost = Math.min(priced, attempt.sliceMicros)
  if (attempt.state === 'open') {
    leave(session, attempt)
    settle(session.budget, attempt.sliceMicros, cost)
  } else {
    reconcile(session.budget, attempt.sliceMicros, cost)
  }
  attempt.state = 'settled'
  attempt.costMicros = cost
  enterLedger(session, attempt, charges)
  if (priced > cost) {
    const detail = `attempt ${attempt.number} of "${attempt.task.id}" claims to have cost more than its slice`
    out.notices.push({ kind: 'alarm', sender: attempt.agent.name, detail })
  }
  warn(session, out)
}

function warn(session: Session, out: Step): void {
  const percent = dueWarning(session.budget)
  if (percent !== null) {
    const { spent, limit } = session.budget
    out.notices.push({ kind: 'budget', percent, spentMicros: spent, limitMicros: limit ?? 0 })
  }
}

function enterLedger(session: Session, attempt: Attempt, charges: readonly Charge[]): void {
  const { model } = session.terms[attempt.task.role]
  const key = `${attempt.agent.name} ${model}`
  let line = session.ledger.get(key)
  if (line === undefined) {
    line = {
      agent: attempt.agent.name,
      model,
      attempts: 0,
      calls: 0,
      callsUnknown: 0,
      usage: noUsage(),
      micros: 0,
    }
    session.ledger.set(key, line)
  }
  line.attempts++
  line.micros += attempt.costMicros
  for (const charge of charges) {
    line.calls++
    if (charge.usage === null) line.callsUnknown++
    else addUsage(line.usage, charge.usage)
  }
}

function paceReply(session: Session, attempt: Attempt, reply: TaskResult | TaskFailure, out: Step): void {
  const { role } = attempt.task
  const pace = paceOf(session, role)
  if (reply.kind === 'result') onSucceeded(pace)
  else if (reply.code === 'throttled') {
    onThrottled(pace, session.at, attempt.startedAt, reply.retry_after_ms)
    const { model } = session.terms[role]
    out.notices.push({
      kind: 'throttled',
      model,
      until: pace.pausedUntil,
      concurrency: Math.floor(pace.limit),
    })
  } else if (reply.code === 'unavailable' || reply.code === 'timeout') onUnavailable(pace, session.at)
  else onReleased(pace)
  if (reply.limits !== null) onLimits(pace, session.at, reply.limits, session.terms[role].inputTokensMax)
}

/** Only the first result of a task counts. */
function accept(session: Session, attempt: Attempt, reply: TaskResult, out: Step): void {
  const { task } = attempt
  const { status } = task
  if (status.is === 'finished' || status.is === 'failed' || status.is === 'skipped') return
  if (task.role === 'planner') {
    const fault = planFault(reply.outcome.tasks ?? [], PLANNED_TASKS_MAX)
    if (fault !== null) {
      failAttempt(session, attempt, { code: 'garbage', detail: fault }, out)
      return
    }
  }
  if (status.is === 'assigned' && status.attempt !== attempt) cancelAttempt(session, status.attempt, out)
  task.status = { is: 'finished', attempt, outcome: reply.outcome, at: session.at }
  session.tasksOpen--
  out.notices.push({
    kind: 'finished',
    task: task.id,
    attempt: attempt.number,
    agent: attempt.agent.name,
    claims: reply.outcome.claims.length,
    costMicros: attempt.costMicros,
  })
  if (task.role === 'planner') {
    const planned = reply.outcome.tasks ?? []
    addTasks(session, planned)
    out.notices.push({ kind: 'planned', tasks: planned.length })
  }
  for (const next of task.neededBy) meetNeed(session, next)
}

function meetNeed(session: Session, task: Task): void {
  if (task.status.is !== 'waiting') return
  task.status.unmet--
  if (task.status.unmet === 0) makeReady(session, task)
}

function failAttempt(session: Session, attempt: Attempt, failure: Failure, out: Step): void {
  const { task } = attempt
  attempt.failure = failure
  // Another attempt is under way, or the task is settled.
  if (task.status.is !== 'assigned' || task.status.attempt !== attempt) return
  // An attempt that was told to stop did not fail, however it ended.
  const told = session.phase.is === 'draining' && session.phase.graceUntil !== null
  const after = told && failure.code === 'lost' ? 'drop' : AFTER[failure.code]
  if (after === 'halt')
    drain(session, { is: 'halted', code: failure.code as FailureCode, detail: failure.detail }, null, out)
  if (after === 'wait') task.throttles++
  // A cancel that nobody asked for is a failed try.
  if (after === 'rest' || after === 'fail' || (after === 'drop' && session.phase.is === 'running'))
    task.tries++
  if (after === 'fail' || task.tries >= session.mission.attemptsMax || task.throttles >= THROTTLES_MAX) {
    failTask(session, task, failure, out)
    return
  }
  let retryAt: number | null = null
  if (after === 'rest') {
    retryAt = session.at + backoffMs(task.tries, `${session.name} ${task.id} ${attempt.number}`)
    task.status = { is: 'resting', until: retryAt }
    session.resting.push({ task, until: retryAt })
  } else {
    makeReady(session, task)
  }
  out.notices.push({
    kind: 'attempt-failed',
    task: task.id,
    attempt: attempt.number,
    agent: attempt.agent.name,
    failure,
    retryAt,
  })
}

/** For good: whatever needs it is skipped, and nothing else. */
function failTask(session: Session, task: Task, failure: Failure, out: Step): void {
  task.status = { is: 'failed', failure, at: session.at }
  session.tasksOpen--
  out.notices.push({ kind: 'failed', task: task.id, failure })
  const lost = [...task.neededBy]
  for (let next = lost.pop(); next !== undefined; next = lost.pop()) {
    if (next.status.is !== 'waiting') continue
    // The synthesis puts together whatever there is, unless there is nothing.
    if (next.role === 'synthesizer') {
      next.status.unmet--
      if (next.status.unmet > 0) continue
      if (next.needs.some((need) => need.status.is === 'finished')) {
        makeReady(session, next)
        continue
      }
    }
    next.status = { is: 'skipped', because: task.id }
    session.tasksOpen--
    out.notices.push({ kind: 'skipped', task: next.id, because: task.id })
    lost.push(...next.neededBy)
  }
}
