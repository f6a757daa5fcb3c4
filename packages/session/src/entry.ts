import { isJsonObject, type Json, type JsonObject, type Sha256 } from '@infrafabric/protocol'
import type { Inbound, Opened, SessionEvent } from './event.ts'

/** Version of the journal's format. A journal with a higher one was made by newer software. */
export const JOURNAL_FORMAT = 1

/**
 * One line of a session's journal, stored as canonical JSON. Most are events, in the order in which `step` saw
 * them; the others record what was granted, sent, refused and attested.
 */
export type Entry =
  | (Opened & { v: number; operatorKey: string; software: string })
  | Exclude<SessionEvent, { kind: 'received' } | { kind: 'epoch-started' }>
  /** `grants`: the operator's own and the coordinator's, both signed by the operator; their exact bytes. */
  | { kind: 'epoch-started'; at: number; epoch: number; keyId: string; grants: string[] }
  /** Agents' grants, signed by the coordinator. */
  | { kind: 'granted'; at: number; grants: string[] }
  /** The exact bytes of a message that was verified and admitted. */
  | { kind: 'received'; at: number; message: string }
  /** The exact bytes of a message that `step` drafted for the events before it. */
  | { kind: 'sent'; at: number; message: string }
  /** A message that was not admitted: only its digest, for its bytes are nobody's word. */
  | { kind: 'refused'; at: number; digest: Sha256; code: string; detail: string }
  /** Attests to the chain up to the entry before it. */
  | { kind: 'checkpoint'; at: number; checkpoint: string }

/** What stands in for a content that is too large for a message; the bytes lie in the object store under `sha256`. */
export interface ClaimCheck {
  uri: string
  sha256: Sha256
  bytes: number
  media_type: string
}

/** `content` of a message whose real content lies in the object store, or null. */
export function claimCheckOf(content: Json): ClaimCheck | null {
  if (!isJsonObject(content) || Object.keys(content).length !== 1) return null
  const check = content.claim_check
  if (check === undefined || !isJsonObject(check)) return null
  const { uri, sha256, bytes, media_type } = check
  const valid =
    Object.keys(check).length === 4 &&
    typeof uri === 'string' &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    typeof bytes === 'number' &&
    Number.isSafeInteger(bytes) &&
    bytes >= 0 &&
    typeof media_type === 'string'
  return valid ? { uri, sha256: sha256 as Sha256, bytes, media_type } : null
}

/** The event that an entry is, or null when it is none. `received` needs its message read: see `inboundOf`. */
export function eventOf(
  entry: Exclude<Entry, { kind: 'opened' }>,
  inbound: Inbound | null,
): SessionEvent | null {
  switch (entry.kind) {
    case 'granted':
    case 'sent':
    case 'refused':
    case 'checkpoint':
      return null
    case 'received':
      return inbound === null ? null : { kind: 'received', at: entry.at, message: inbound }
    case 'epoch-started':
      return { kind: 'epoch-started', at: entry.at, epoch: entry.epoch, keyId: entry.keyId }
    default:
      return entry
  }
}

/** What `step` wants of a message's bytes, which were verified before they were journalled. */
export function inboundOf(wire: string): Inbound {
  const message = JSON.parse(wire) as JsonObject
  return {
    sender: message.sender as string,
    performative: message.performative as string,
    messageId: message.message_id as string,
    content: message.content as Json,
  }
}
