import type { Session, Task } from '@infrafabric/session'

/** Everything of a session that decides how it goes on, as one text. */
export function fingerprint(session: Session): string {
  const { at, deadlineAt, phase, epoch, keyId, nextSeq, tasksOpen, budget, tasks, agents } = session
  return JSON.stringify({
    at,
    deadlineAt,
    phase,
    epoch,
    keyId,
    nextSeq,
    tasksOpen,
    budget,
    tasks: tasks.map(ofTask),
    places: agents.map((agent) => agent.places),
    running: [...session.running].map((attempt) => `${attempt.task.id} ${attempt.number}`),
    unsent: session.unsent.length,
    ledger: [...session.ledger],
    paces: [...session.paces],
  })
}

function ofTask({ id, status, tries, throttles, attempts }: Task): unknown[] {
  const detail =
    status.is === 'finished' ? status.outcome.answer.slice(0, 80) : status.is === 'resting' ? status.until : 0
  return [
    id,
    status.is,
    detail,
    tries,
    throttles,
    attempts.map((attempt) => [
      attempt.agent.name,
      attempt.state,
      attempt.sliceMicros,
      attempt.costMicros,
      attempt.leaseUntil,
    ]),
  ]
}
