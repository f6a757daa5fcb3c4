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
    kind: 'task',
    task: task.id,
    attempt: attempt.number,
    role: task.role,
    question: task.question,
    objective: session.mission.objective,
    inputs: task.needs.map((need) => ({
      task: need.id,
      question: need.question,
      outcome: need.status.is === 'finished' ? need.status.outcome : null,
    })),
    slice_micros: attempt.sliceMicros,
    timeout_ms: session.mission.attemptTimeoutMs,
    tasks_max: task.role === 'planner' ? PLANNED_TASKS_MAX : 0,
  }
  return draft(session, 'request', attempt, content as unknown as Json, attempt.leaseUntil)
}

/** Tells an agent that its attempt is no longer wanted; it answers with what the attempt cost. */
export function cancelDraft(session: Session, attempt: Attempt): MessageDraft {
  return draft(
    session,
    'cancel',
    attempt,
    { kind: 'cancel', task: attempt.task.id, attempt: attempt.number },
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
  return {
    v: 1,
    performative,
    sender: agentName(session.name, COORDINATOR),
    receiver: agentName(session.name, attempt.agent.name),
    conversation_id: conversationName(session.name, attempt.task.id),
    message_id: messageName(session.name, COORDINATOR, session.epoch, seq),
    timestamp: session.at,
    content,
    citation: null,
    session_id: session.name,
    key_id: session.keyId,
    epoch: session.epoch,
    seq,
    in_reply_to: null,
    expires_at: expiresAt,
  }
}
