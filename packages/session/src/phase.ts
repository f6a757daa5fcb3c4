import type { Step } from './decision.ts'
import { cancelDraft } from './drafts.ts'
import { isFinal, type Phase, type Session, type Stop } from './state.ts'

/** How long attempts under way may take to answer a cancel before they are charged in full. */
export const CANCEL_GRACE_MS = 10_000

/** Assigns nothing more. With a grace, attempts under way are told to stop and have that long to say what they cost. */
export function drain(session: Session, then: Stop, graceUntil: number | null, out: Step): void {
  if (session.phase.is === 'draining' && (isFinal(session.phase.then) || !isFinal(then))) return
  session.phase = { is: 'draining', then, graceUntil }
  out.notices.push({ kind: 'draining', then, running: session.running.size })
  if (graceUntil !== null) cancelAll(session, out)
}

/** What is waited for has no more time than the grace. */
export function hurry(
  session: Session,
  phase: Phase & { is: 'draining' },
  graceUntil: number,
  out: Step,
): void {
  session.phase = { ...phase, graceUntil }
  cancelAll(session, out)
}

function cancelAll(session: Session, out: Step): void {
  for (const attempt of session.running) out.drafts.push(cancelDraft(session, attempt))
  // Told now, so not once more with what the new epoch has to ask for.
  session.unsent = []
}

export function finishDraining(session: Session, out: Step): void {
  if (session.phase.is !== 'draining' || session.running.size > 0) return
  const why = session.phase.then
  session.phase = { is: 'stopped', why }
  out.notices.push({ kind: 'stopped', why })
}
