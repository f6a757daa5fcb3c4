import { agentName, conversationName, type Json, type MessageDraft, messageName } from '@infrafabric/protocol'
import type { TaskRequest } from './contents.ts'
import { PLANNED_TASKS_MAX } from './mission.ts'
import type { Attempt, Session } from './state.ts'

export const COORDINATOR = 'coordinator'
export const OPERATOR = 'operator'

/** Asks an agent for an attempt. */
export function requestDraft(session: Session, attempt: Attempt): MessageDraft {
  const { task } = attempt
  const content: TaskRequest = {
    attempt: attempt.number,
    inputs: task.needs.map((need) => ({
      outcome: need.status.is === 'finished' ? need.status.outcome : null,
      question: need.question,
      task: need.id,
    })),
    kind: 'task',
    objective: session.mission.objective,
    question: task.question,
    role: task.role,
    slice_micros: attempt.sliceMicros,
    task: task.id,
    tasks_max: task.role === 'planner' ? PLANNED_TASKS_MAX : 0,
    timeout_ms: session.mission.attemptTimeoutMs,
  }
  return draft(session, 'request', attempt, content as unknown as Json, attempt.leaseUntil)
}

/** Tells an agent that its attempt is no longer wanted; it answers with what the attempt cost. */
export function cancelDraft(session: Session, attempt: Attempt): MessageDraft {
  return draft(
    session,
    'cancel',
    attempt,
    { attempt: attempt.number, kind: 'cancel', task: attempt.task.id },
    attempt.leaseUntil,
  )
}

function draft(
  session: Session,
  performative: MessageDraft['performative'],
  attempt: Attempt,
  content: Json,
  expiresAt: number,
): MessageDraft {
  const seq = session.nextSeq++
  // Members in canonical order are written in one go.
  return {
    citation: null,
    content,
    conversation_id: conversationName(session.name, attempt.task.id),
    epoch: session.epoch,
    expires_at: expiresAt,
    in_reply_to: null,
    key_id: session.keyId,
    message_id: messageName(session.name, COORDINATOR, session.epoch, seq),
    performative,
    receiver: agentName(session.name, attempt.agent.name),
    sender: agentName(session.name, COORDINATOR),
    seq,
    session_id: session.name,
    timestamp: session.at,
    v: 1,
  }
}
