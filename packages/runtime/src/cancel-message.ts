import type { Outgoing } from '@infrafabric/ports'
import {
  agentName,
  conversationName,
  messageName,
  type Primitives,
  type Signer,
  seal,
} from '@infrafabric/protocol'
import { COORDINATOR, OPERATOR } from '@infrafabric/session'
import { coordinatorQueue } from './queues.ts'

/**
 * The operator's word to whoever coordinates the session in this epoch: stop for good. Its number is the time (epoch
 * ms), so that no process of the operator has to keep a count.
 */
export function cancelMessage(
  session: string,
  epoch: number,
  operator: Signer,
  at: number,
  primitives: Primitives,
): Outgoing {
  const id = messageName(session, OPERATOR, epoch, at)
  const group = conversationName(session, '_session')
  const [sealed] = seal(
    [
      {
        citation: null,
        content: { kind: 'cancel-session' },
        conversation_id: group,
        epoch,
        expires_at: null,
        in_reply_to: null,
        key_id: operator.keyId,
        message_id: id,
        performative: 'cancel',
        receiver: agentName(session, COORDINATOR),
        sender: agentName(session, OPERATOR),
        seq: at,
        session_id: session,
        timestamp: at,
        v: 1,
      },
    ],
    operator,
    primitives,
  )
  if (sealed === undefined) throw new Error('sealing one message brought none')
  return { queue: coordinatorQueue(session), group, id, body: sealed.wire }
}
