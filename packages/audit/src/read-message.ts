import { isJsonObject, type Json, type MessageDraft, parseCanonical } from '@infrafabric/protocol'
import { object, text, whole } from './shape.ts'

/** What the decisions depend on. */
export interface MessageRead
  extends Pick<
    MessageDraft,
    'sender' | 'receiver' | 'performative' | 'message_id' | 'key_id' | 'epoch' | 'seq' | 'content'
  > {
  digest?: undefined
}

const name = text(1_000)
const anything = (): undefined => undefined
const shape = object(
  {
    sender: name,
    receiver: name,
    performative: name,
    message_id: name,
    key_id: name,
    epoch: whole,
    seq: whole,
    content: anything,
  },
  Object.fromEntries(
    [
      'citation',
      'conversation_id',
      'expires_at',
      'in_reply_to',
      'session_id',
      'signature',
      'timestamp',
      'v',
    ].map((member) => [member, anything]),
  ),
)

/**
 * Reads a message that does not verify, which has been said, so that what was decided about it can still be
 * compared. `undefined`: there is nothing to be read.
 */
export function readMessage(wire: string): MessageRead | undefined {
  const parsed = parseCanonical(wire)
  if (!parsed.ok || !isJsonObject(parsed.value) || shape(parsed.value) !== undefined) return undefined
  return parsed.value as Json as unknown as MessageRead
}
