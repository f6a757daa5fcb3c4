import { agentName, isJsonObject } from '@infrafabric/protocol'
import { parseReply } from './contents.ts'
import type { Step } from './decision.ts'
import { OPERATOR } from './drafts.ts'
import type { Inbound, SessionEvent } from './event.ts'
import { CANCEL_GRACE_MS, drain, finishDraining } from './phase.ts'
import { assignReady, beginEpoch, forgetTimers, passTime } from './schedule.ts'
import { onMalformed, onReply } from './settle.ts'
import { isOver, type Session } from './state.ts'

/**
 * Decides. Changes the session in place, reads no clock, does no I/O, draws no randomness: the same events
 * bring the same session and the same drafts, whoever replays them.
 */
export function step(session: Session, event: SessionEvent): Step {
  const out: Step = { drafts: [], notices: [] }
  const before = session.at
  // A clock may be set back, or be another machine's: only time that passes forwards counts.
  session.at += Math.max(0, event.at - session.clockAt)
  session.clockAt = event.at
  switch (event.kind) {
    case 'evidence-added':
      session.sources.push(...event.sources)
      session.sourceFaults.push(...event.faults)
      return out
    case 'epoch-started':
      beginEpoch(session, event.epoch, event.keyId, session.at - before)
      return out
    case 'limits-raised':
      raiseLimits(session, event.budgetMicros, event.deadlineAt)
      return out
    case 'received':
      receive(session, event.message, out)
      break
    case 'time-passed':
      passTime(session, out)
      break
    case 'interrupted':
      if (session.phase.is === 'running') drain(session, { is: 'interrupted' }, null, out)
      break
    default:
      return unreachable(event)
  }
  assignReady(session, out)
  finishDraining(session, out)
  forgetTimers(session)
  return out
}

function receive(session: Session, message: Inbound, out: Step): void {
  if (message.sender === agentName(session.name, OPERATOR)) {
    obey(session, message, out)
    return
  }
  const agent = agentOf(session, message.sender)
  if (agent === undefined) {
    alarm(out, message, 'the sender is no agent of this session')
    return
  }
  const reply = parseReply(message.content)
  if (!reply.ok) onMalformed(session, agent, message, reply.detail, out)
  else if (message.performative === (reply.value.kind === 'result' ? 'inform' : 'failure')) {
    onReply(session, agent, reply.value, out)
  } else alarm(out, message, `a ${reply.value.kind} came as "${message.performative}"`)
}

function obey(session: Session, message: Inbound, out: Step): void {
  const { content } = message
  if (message.performative !== 'cancel' || !isJsonObject(content) || content.kind !== 'cancel-session') {
    alarm(out, message, 'the operator may only cancel')
  } else if (!isOver(session)) {
    drain(session, { is: 'cancelled' }, session.at + CANCEL_GRACE_MS, out)
  }
}

function raiseLimits(session: Session, budgetMicros: number | null, deadlineAt: number | null): void {
  if (budgetMicros !== null && budgetMicros > (session.budget.limit ?? 0)) {
    session.budget.limit = budgetMicros
    session.budget.warned = 0
  }
  if (deadlineAt !== null) session.deadlineAt = deadlineAt
}

function agentOf(session: Session, sender: string) {
  const prefix = agentName(session.name, '')
  return sender.startsWith(prefix) ? session.agentsByName.get(sender.slice(prefix.length)) : undefined
}

function alarm(out: Step, message: Inbound, detail: string): void {
  out.notices.push({ kind: 'alarm', sender: message.sender, detail })
}

function unreachable(event: never): never {
  throw new Error(`unknown event: ${JSON.stringify(event)}`)
}
