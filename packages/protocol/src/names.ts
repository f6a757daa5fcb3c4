import type { Sha256 } from './hash.ts'

/** `if://<type>/<segment>[/<segment>…][#fragment]`; `parseName` says whether a text is one. */
export type IfName = `if://${string}/${string}`

export interface ParsedName {
  type: string
  segments: string[]
  fragment: string | null
}

/** The types in use. A caller with types of its own hands `parseName` a longer list. */
export const NAME_TYPES: readonly string[] = [
  'agent',
  'session',
  'conversation',
  'message',
  'topic',
  'citation',
  'claim',
  'evidence',
  'analysis',
  'decision',
  'did',
  'doc',
]

export const NAME_LENGTH_MAX = 512

const NAME = /^if:\/\/([a-z][a-z0-9-]{0,31})((?:\/[A-Za-z0-9._~:-]{1,128})+)(?:#([A-Za-z0-9._~:-]{1,128}))?$/
const SESSION_ID = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const AGENT_ID = /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/
const TOPIC = /^[A-Za-z0-9._~:-]{1,128}$/

/** Names are compared byte by byte: no escapes, no case folding, no `.` or `..` segments. */
export function parseName(text: string, types: readonly string[] = NAME_TYPES): ParsedName | undefined {
  if (text.length > NAME_LENGTH_MAX) return undefined
  const [, type, path, fragment] = NAME.exec(text) ?? []
  if (type === undefined || path === undefined || !types.includes(type)) return undefined
  const segments = path.slice(1).split('/')
  if (segments.some(isDots)) return undefined
  return { type, segments, fragment: fragment ?? null }
}

/** 1 to 63 lower-case letters, digits and hyphens, no hyphen first or last. */
export function isSessionId(text: string): boolean {
  return SESSION_ID.test(text)
}

/** Like a session's, with underscores too. */
export function isAgentId(text: string): boolean {
  return AGENT_ID.test(text)
}

/** What a conversation of a session may be called: one segment of a name. */
export function isTopic(text: string): boolean {
  return TOPIC.test(text) && !isDots(text)
}

export function sessionName(session: string): IfName {
  return `if://session/${session}`
}

export function agentName(session: string, agent: string): IfName {
  return `if://agent/${session}/${agent}`
}

export function conversationName(session: string, topic: string): IfName {
  return `if://conversation/${session}/${topic}`
}

/** A message's place in its sender's sequence is its name, so that nobody has to draw one. */
export function messageName(session: string, sender: string, epoch: number, seq: number): IfName {
  return `if://message/${session}/${sender}/${epoch}.${seq}`
}

export function evidenceName(sha256: Sha256): IfName {
  return `if://evidence/sha256:${sha256}`
}

/** The agent's id when the name is that of an agent of the session. */
export function agentIdOf(name: string, session: string): string | undefined {
  const prefix = `if://agent/${session}/`
  if (!name.startsWith(prefix)) return undefined
  const id = name.slice(prefix.length)
  return isAgentId(id) ? id : undefined
}

export function isConversationOf(name: string, session: string): boolean {
  const prefix = `if://conversation/${session}/`
  return name.startsWith(prefix) && isTopic(name.slice(prefix.length))
}

/** Whether the name is one that `messageName` gives for the session, whoever the sender. */
export function isMessageOf(name: string, session: string): boolean {
  const prefix = `if://message/${session}/`
  if (!name.startsWith(prefix)) return false
  const [sender, place, ...more] = name.slice(prefix.length).split('/')
  return (
    sender !== undefined &&
    isAgentId(sender) &&
    place !== undefined &&
    /^(?:0|[1-9]\d{0,15})\.(?:0|[1-9]\d{0,15})$/.test(place) &&
    more.length === 0
  )
}

function isDots(segment: string): boolean {
  return segment === '.' || segment === '..'
}
