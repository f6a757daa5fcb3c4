import { fromBase64 } from './base64.ts'
import { canonicalize, parseCanonical } from './canonical.ts'
import { isJsonObject, type JsonObject } from './json.ts'
import { isKeyId, keyIdOf } from './key-id.ts'
import { hasExactly, isWhole } from './members.ts'
import { PERFORMATIVES, type Performative } from './message.ts'
import { agentIdOf, isSessionId } from './names.ts'
import { PAYLOAD_TYPES, signedLeaf } from './pae.ts'
import type { Primitives, Signer } from './primitives.ts'
import { ProtocolError } from './protocol-error.ts'
import { type GrantRole, ROLES } from './roles.ts'
import { type ReadSignature, readSignature, signTexts } from './signature.ts'
import { insertSignature, withoutSignature } from './splice.ts'

/** Says that an agent of the session speaks with this key in this epoch, and what it may say to whom. */
export interface Grant {
  v: 1
  session_id: string
  agent: string
  role: GrantRole
  performatives: Performative[]
  /** Agents of the session, or `['*']` for all of them. */
  receivers: string[]
  /** Raw key in base64. */
  public_key: string
  key_id: string
  epoch: number
  /** Epoch ms; for people. */
  issued_at: number
  issuer: string
  issuer_key_id: string
}

export interface SignedGrant {
  grant: Grant
  /** What is journalled. */
  wire: string
}

export const RECEIVERS_MAX = 1_000
export const GRANT_BYTES_MAX = 512 * 1024

const MEMBERS = [
  'agent',
  'epoch',
  'issued_at',
  'issuer',
  'issuer_key_id',
  'key_id',
  'performatives',
  'public_key',
  'receivers',
  'role',
  'session_id',
  'v',
]

/** The text after `signature` in a grant's canonical form. */
const TAIL = ',"v":1}'

/** Signs grants of one issuer, all with one signature. Throws ProtocolError when one is malformed. */
export function sealGrants(grants: readonly Grant[], signer: Signer, primitives: Primitives): SignedGrant[] {
  const texts = grants.map((grant) => {
    const text = canonicalize(grant as unknown as JsonObject)
    const fault =
      faultOfGrant(grant as unknown as JsonObject, primitives) ??
      (grant.issuer_key_id === signer.keyId ? undefined : 'issuer_key_id: not the key that signs')
    if (fault !== undefined) throw new ProtocolError('malformed', `grant to ${grant.agent}: ${fault}`)
    return text
  })
  const signatures = signTexts(PAYLOAD_TYPES.grant, texts, signer, primitives)
  return grants.map((grant, at) => ({
    grant,
    wire: insertSignature(texts[at] ?? '', TAIL, signatures[at] ?? ''),
  }))
}

export type GrantRead =
  | { ok: true; grant: Grant; signature: ReadSignature; leaf: Uint8Array }
  | { ok: false; code: 'too-large' | 'not-canonical' | 'malformed' | 'unknown-algorithm'; detail: string }

/** Reads a signed grant without judging its signature or its issuer. Never throws. */
export function readGrant(wire: string, primitives: Primitives): GrantRead {
  const parsed = parseCanonical(wire, { bytesMax: GRANT_BYTES_MAX })
  if (!parsed.ok) return parsed
  if (!isJsonObject(parsed.value)) return { ok: false, code: 'malformed', detail: 'not an object' }
  const { signature: member, ...grant } = parsed.value
  const fault = faultOfGrant(grant, primitives)
  if (fault !== undefined) return { ok: false, code: 'malformed', detail: fault }
  const read = readSignature(member)
  if (!read.ok) return read
  const text = withoutSignature(wire, TAIL)
  const leaf = signedLeaf(PAYLOAD_TYPES.grant, text)
  return { ok: true, grant: grant as unknown as Grant, signature: read.signature, leaf }
}

function faultOfGrant(grant: JsonObject, primitives: Primitives): string | undefined {
  if (!hasExactly(grant, MEMBERS)) return 'members missing or unknown'
  const { session_id: session, performatives, receivers } = grant
  if (grant.v !== 1) return 'v: not 1'
  if (typeof session !== 'string' || !isSessionId(session)) return 'session_id: not the id of a session'
  if (!isAgentOf(grant.agent, session)) return 'agent: not an agent of the session'
  if (!isAgentOf(grant.issuer, session)) return 'issuer: not an agent of the session'
  if (!ROLES.some((role) => role === grant.role)) return 'role: unknown'
  if (!isSet(performatives) || !performatives.every((one) => PERFORMATIVES.some((known) => known === one))) {
    return 'performatives: not a list of different performatives'
  }
  if (!isSet(receivers) || receivers.length === 0 || receivers.length > RECEIVERS_MAX) {
    return `receivers: not a list of 1 to ${RECEIVERS_MAX} different names`
  }
  const all = receivers.length === 1 && receivers[0] === '*'
  if (!all && !receivers.every((receiver) => isAgentOf(receiver, session))) {
    return 'receivers: neither ["*"] nor agents of the session'
  }
  if (!isWhole(grant.epoch)) return 'epoch: not a whole number'
  if (!isWhole(grant.issued_at)) return 'issued_at: not a whole number'
  if (!isKeyId(grant.issuer_key_id)) return 'issuer_key_id: not the id of a key'
  const key = typeof grant.public_key === 'string' ? fromBase64(grant.public_key) : undefined
  if (key?.length !== 32) return 'public_key: not 32 bytes in base64'
  return grant.key_id === keyIdOf(key, primitives) ? undefined : 'key_id: not that of public_key'
}

function isAgentOf(name: unknown, session: string): boolean {
  return typeof name === 'string' && agentIdOf(name, session) !== undefined
}

function isSet(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.every((item) => typeof item === 'string') &&
    new Set(value).size === value.length
  )
}
