import type { Step } from './decision.ts'
import { cancelDraft } from './drafts.ts'
import { ROLES } from './open-session.ts'
import { newPace, type Pace } from './pace.ts'
import type { Attempt, Session } from './state.ts'
import type { Role } from './work.ts'

/** A lease outlives the attempt's own timeout by this, so that its failure report can arrive. */
const LEASE_GRACE_MS = 30_000

/** Its task is settled by another attempt: the agent is asked to stop, and still owes its charges. */
export function cancelAttempt(session: Session, attempt: Attempt, out: Step): void {
  out.drafts.push(cancelDraft(session, attempt))
}

export function renewLease(session: Session, attempt: Attempt): void {
  attempt.leaseUntil = session.at + session.mission.attemptTimeoutMs + LEASE_GRACE_MS
  session.leases.push({ attempt, until: attempt.leaseUntil })
}

export function paceOf(session: Session, role: Role): Pace {
  const { model } = session.terms[role]
  let pace = session.paces.get(model)
  if (pace === undefined) {
    let places = 0
    for (const each of ROLES) {
      const { count, concurrency } = session.mission.agents[each]
      if (session.terms[each].model === model) places += count * concurrency
    }
    pace = newPace(places)
    session.paces.set(model, pace)
  }
  return pace
}

/** The attempt is no longer under way; its agent has a place free. */
export function leave(session: Session, attempt: Attempt): void {
  session.running.delete(attempt)
  const { agent } = attempt
  agent.places++
  if (agent.places === 1) session.idle[agent.role].push(agent)
}
