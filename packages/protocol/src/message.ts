import { canonicalize } from './canonical.ts'
import { isSha256, type Sha256 } from './hash.ts'
import type { Json, JsonObject } from './json.ts'
import { isJsonObject } from './json.ts'
import { isKeyId } from './key-id.ts'
import { isWhole } from './members.ts'
import { agentIdOf, isConversationOf, isMessageOf, isSessionId, messageName } from './names.ts'
import type { Signature } from './signature.ts'
import { fitsBytes, utf8 } from './utf8.ts'

export const PERFORMATIVES = [
  'request',
  'agree',
  'refuse',
  'inform',
  'failure',
  'cancel',
  'not-understood',
  'propose',
  'accept-proposal',
  'reject-proposal',
  'query-ref',
  'confirm',
  'disconfirm',
  'subscribe',
  'escalate', // to a human
] as const
export type Performative = (typeof PERFORMATIVES)[number]

export interface Citation {
  source_url: string
  /** SHA-256 of the canonical ordered list of sources. */
  evidence_hash: Sha256
}

/** A message before it is signed. All members are always there, so that the shape never varies. */
export interface MessageDraft {
  v: 1
  performative: Performative
  /** Agents of the session. */
  sender: string
  receiver: string
  conversation_id: string
  /** What `messageName` gives for the session, sender, epoch and seq. */
  message_id: string
  /** Epoch ms. */
  timestamp: number
  /** At most CONTENT_BYTES_MAX in canonical form; more goes to the object store, and its address here. */
  content: Json
  citation: Citation | null
  session_id: string
  key_id: string
  /** Of the coordinator under whose grants the sender speaks. */
  epoch: number
  /** Position in the sender's messages of this epoch. */
  seq: number
  /** Name of a message of the session. */
  in_reply_to: string | null
  /** Epoch ms; from then on nobody may act on it. */
  expires_at: number | null
}

export interface Message extends MessageDraft {
  signature: Signature
}

export const CONTENT_BYTES_MAX = 64 * 1024
/** Leaves 8 KiB for all the rest, which takes at most 6. */
export const ENVELOPE_BYTES_MAX = CONTENT_BYTES_MAX + 8 * 1024
export const SOURCE_URL_LENGTH_MAX = 2048

const DRAFT_MEMBERS = [
  'citation',
  'content',
  'conversation_id',
  'epoch',
  'expires_at',
  'in_reply_to',
  'key_id',
  'message_id',
  'performative',
  'receiver',
  'sender',
  'seq',
  'session_id',
  'timestamp',
  'v',
] as const

/** The text after `signature` in a message's canonical form. */
export function messageTail(message: Pick<MessageDraft, 'timestamp'>): string {
  return `,"timestamp":${message.timestamp},"v":1}`
}

/** What is wrong with the members of a message, `signature` left aside; `undefined` when nothing is. */
export function faultOfMembers(message: JsonObject): string | undefined {
  const missing = DRAFT_MEMBERS.find((member) => !Object.hasOwn(message, member))
  if (missing !== undefined) return `${missing}: missing`
  const count = Object.keys(message).length - (Object.hasOwn(message, 'signature') ? 1 : 0)
  if (count !== DRAFT_MEMBERS.length) return 'a member that messages do not have'
  if (message.v !== 1) return 'v: not 1'
  if (!PERFORMATIVES.some((known) => known === message.performative)) return 'performative: unknown'
  for (const member of ['sender', 'receiver', 'conversation_id', 'message_id'] as const) {
    if (typeof message[member] !== 'string') return `${member}: not a text`
  }
  if (typeof message.session_id !== 'string' || !isSessionId(message.session_id)) {
    return 'session_id: not the id of a session'
  }
  if (!isKeyId(message.key_id)) return 'key_id: not the id of a key'
  for (const member of ['timestamp', 'epoch', 'seq'] as const) {
    if (!isWhole(message[member])) return `${member}: not a whole number`
  }
  if (message.in_reply_to !== null && typeof message.in_reply_to !== 'string') {
    return 'in_reply_to: neither null nor a text'
  }
  if (message.expires_at !== null && !isWhole(message.expires_at)) {
    return 'expires_at: neither null nor a whole number'
  }
  return faultOfCitation(message.citation)
}

function faultOfCitation(citation: Json | undefined): string | undefined {
  if (citation === null) return undefined
  if (citation === undefined || !isJsonObject(citation) || Object.keys(citation).length !== 2) {
    return 'citation: neither null nor a source_url and an evidence_hash'
  }
  const { source_url: url, evidence_hash: hash } = citation
  if (typeof url !== 'string' || url.length === 0 || url.length > SOURCE_URL_LENGTH_MAX) {
    return `citation.source_url: not a text of 1 to ${SOURCE_URL_LENGTH_MAX} characters`
  }
  return isSha256(hash) ? undefined : 'citation.evidence_hash: not a SHA-256'
}

/** Which name does not belong to the message's own session or place; `undefined` when all do. */
export function faultOfNames(message: MessageDraft): string | undefined {
  const session = message.session_id
  const sender = agentIdOf(message.sender, session)
  if (sender === undefined) return 'sender: not an agent of the session'
  if (agentIdOf(message.receiver, session) === undefined) return 'receiver: not an agent of the session'
  if (!isConversationOf(message.conversation_id, session)) {
    return 'conversation_id: not a conversation of the session'
  }
  if (message.message_id !== messageName(session, sender, message.epoch, message.seq)) {
    return 'message_id: not the name of this sender, epoch and seq'
  }
  if (message.in_reply_to !== null && !isMessageOf(message.in_reply_to, session)) {
    return 'in_reply_to: not a message of the session'
  }
  return undefined
}

/** `text` is the canonical form of a message that holds the content, or of the content itself. */
export function contentFits(text: string, content: Json): boolean {
  if (fitsBytes(text, CONTENT_BYTES_MAX)) return true
  return utf8(canonicalize(content)).length <= CONTENT_BYTES_MAX
}

/** U+FFFE and U+FFFF are no characters, and queues such as SQS refuse a body that has them. */
export function hasNoncharacter(text: string): boolean {
  return /[\uFFFE\uFFFF]/.test(text)
}
