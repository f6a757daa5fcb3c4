import { paceOf, renewLease } from './attempts.ts'
import { mayReserve, reserve } from './budget.ts'
import type { Step } from './decision.ts'
import { cancelDraft, requestDraft } from './drafts.ts'
import { makeReady, ROLES } from './open-session.ts'
import { mayAssign, onAssigned } from './pace.ts'
import { CANCEL_GRACE_MS, drain, hurry } from './phase.ts'
import { loseAttempt } from './settle.ts'
import { type Agent, type Attempt, isOver, type Session, type Task } from './state.ts'
import { sliceMicros } from './terms.ts'
import type { Role } from './work.ts'

/** A coordinator takes over: what was under way is asked for again, in its own messages. */
export function beginEpoch(session: Session, epoch: number, keyId: string, downMs: number): void {
  session.epoch = epoch
  session.keyId = keyId
  session.nextSeq = 1
  if (isOver(session)) return
  // The deadline counts the time in which somebody coordinates.
  if (session.deadlineAt !== null) session.deadlineAt += downMs
  // A cancelled session goes on being cancelled; everything else may be tried again.
  if (session.phase.is !== 'draining' || session.phase.then.is !== 'cancelled')
    session.phase = { is: 'running' }
  for (const attempt of session.running) renewLease(session, attempt)
  session.unsent = [...session.running]
}

/** Rests that are over, leases that ran out, and the deadline. */
export function passTime(session: Session, out: Step): void {
  for (let rest = session.resting.peek(); rest && rest.until <= session.at; rest = session.resting.peek()) {
    session.resting.pop()
    if (rest.task.status.is === 'resting') makeReady(session, rest.task)
  }
  for (let lease = session.leases.peek(); lease && lease.until <= session.at; lease = session.leases.peek()) {
    session.leases.pop()
    if (isCurrent(lease)) loseAttempt(session, lease.attempt, out)
  }
  if (session.phase.is === 'running' && isDue(session.deadlineAt, session.at)) {
    drain(session, { is: 'out-of-time' }, session.at + CANCEL_GRACE_MS, out)
  }
  const { phase } = session
  if (phase.is !== 'draining') return
  if (phase.graceUntil === null) {
    if (isDue(session.deadlineAt, session.at)) hurry(session, phase, session.at + CANCEL_GRACE_MS, out)
  } else if (isDue(phase.graceUntil, session.at)) {
    for (const attempt of [...session.running]) loseAttempt(session, attempt, out)
  }
}

/** Drops what is due to happen to attempts and tasks that have moved on: it must wake nobody. */
export function forgetTimers(session: Session): void {
  const { leases, resting } = session
  for (let lease = leases.peek(); lease; lease = leases.peek()) {
    if (isCurrent(lease)) break
    leases.pop()
  }
  for (let rest = resting.peek(); rest && rest.task.status.is !== 'resting'; rest = resting.peek())
    resting.pop()
}

/** Not one of an attempt that has ended, or whose lease was renewed. */
function isCurrent({ attempt, until }: { attempt: Attempt; until: number }): boolean {
  return attempt.state === 'open' && attempt.leaseUntil === until
}

/** What the clock will say when `time-passed` would next change something; null: only a message can. */
export function nextWakeAt(session: Session): number | null {
  if (session.phase.is === 'stopped') return null
  let next = session.deadlineAt ?? Number.POSITIVE_INFINITY
  const lease = session.leases.peek()
  if (lease) next = Math.min(next, lease.until)
  if (session.phase.is === 'draining') {
    next = Math.min(session.phase.graceUntil ?? next, lease?.until ?? Number.POSITIVE_INFINITY)
  } else {
    const rest = session.resting.peek()
    if (rest) next = Math.min(next, rest.until)
    for (const role of ROLES) {
      const pace = session.paces.get(session.terms[role].model)
      if (pace && session.ready[role].size > 0 && pace.pausedUntil > session.at) {
        next = Math.min(next, pace.pausedUntil)
      }
    }
  }
  return Number.isFinite(next) ? session.clockAt + (next - session.at) : null
}

function isDue(time: number | null, at: number): boolean {
  return time !== null && time <= at
}

/** Gives ready tasks to idle agents as far as pace and budget allow. */
export function assignReady(session: Session, out: Step): void {
  if (session.epoch === 0) return
  for (const attempt of session.unsent) {
    if (attempt.state === 'open') {
      out.drafts.push(
        isWanted(session, attempt) ? requestDraft(session, attempt) : cancelDraft(session, attempt),
      )
    }
  }
  session.unsent = []
  if (session.phase.is !== 'running') return
  // The next `time-passed`, which is due at once, stops the session.
  if (session.tasksOpen > 0 && isDue(session.deadlineAt, session.at)) return
  let refusedSlice: number | null = null
  for (const role of ROLES) refusedSlice = assignRole(session, role, out) ?? refusedSlice
  if (refusedSlice !== null && session.running.size === 0) {
    drain(session, { is: 'out-of-budget', sliceMicros: refusedSlice }, null, out)
  } else if (session.tasksOpen === 0) {
    drain(session, { is: 'completed' }, session.at + CANCEL_GRACE_MS, out)
  }
}

/** Returns the slice that the budget could not cover, if that is what stopped it. */
function assignRole(session: Session, role: Role, out: Step): number | null {
  const ready = session.ready[role]
  const pace = paceOf(session, role)
  const slice = sliceMicros(session.terms[role])
  for (;;) {
    const task = ready.peek()
    if (task === undefined) return null
    // Finished by a late reply while it waited for another try.
    if (task.status.is !== 'ready') {
      ready.pop()
      continue
    }
    const agent = session.idle[role].peek()
    if (agent === undefined || !mayAssign(pace, session.at)) return null
    if (!mayReserve(session.budget, slice)) return slice
    ready.pop()
    assign(session, task, agent, slice, out)
    onAssigned(pace)
  }
}

function assign(session: Session, task: Task, agent: Agent, slice: number, out: Step): void {
  agent.places--
  if (agent.places === 0) session.idle[agent.role].pop()
  reserve(session.budget, slice)
  const attempt: Attempt = {
    task,
    number: task.attempts.length + 1,
    agent,
    sliceMicros: slice,
    startedAt: session.at,
    leaseUntil: 0,
    state: 'open',
    costMicros: 0,
  }
  task.attempts.push(attempt)
  task.status = { is: 'assigned', attempt }
  session.running.add(attempt)
  renewLease(session, attempt)
  out.drafts.push(requestDraft(session, attempt))
  out.notices.push({ kind: 'assigned', task: task.id, attempt: attempt.number, agent: agent.name })
}

function isWanted(session: Session, attempt: Attempt): boolean {
  const { status } = attempt.task
  return session.phase.is === 'running' && status.is === 'assigned' && status.attempt === attempt
}
