import { fromBase64 } from './base64.ts'
import { equalBytes } from './bytes.ts'
import { type Grant, readGrant } from './grant.ts'
import { keyIdOf } from './key-id.ts'
import { agentName, isSessionId } from './names.ts'
import type { Primitives } from './primitives.ts'
import { ProtocolError } from './protocol-error.ts'
import { performativesOf } from './roles.ts'
import { checkSignature } from './signature.ts'
import { smallOrderKey } from './small-order-key.ts'
import { createVerifiedRoots } from './verified-roots.ts'

export interface GrantEntry {
  readonly grant: Readonly<Grant>
  readonly publicKey: Uint8Array
  mayAddress(receiver: string): boolean
}

export type GrantRejectionCode =
  | 'too-large'
  | 'not-canonical'
  | 'malformed'
  | 'wrong-scope'
  | 'unknown-algorithm'
  | 'weak-key'
  | 'unknown-issuer'
  | 'revoked-key'
  | 'too-wide'
  | 'bad-proof'
  | 'bad-signature'
  | 'conflict'

export type GrantVerdict =
  | { ok: true; grant: Grant }
  | { ok: false; code: GrantRejectionCode; detail: string }

/** Who may speak in a session: the grants that have been admitted, and the revocations. */
export interface Registry {
  readonly session: string
  /**
   * Takes a signed grant in, or says why not. A grant that is already in is accepted again. An issuer's grant
   * must be in before those it issues. Never throws.
   */
  admit(wire: string): GrantVerdict
  /** From this journal position on nothing by the key is accepted, whatever its epoch. The earliest call counts. */
  revoke(keyId: string, position: number): void
  /** Whether nothing by the key is accepted at this journal position; left out: now, after every revocation. */
  isRevoked(keyId: string, position?: number): boolean
  find(keyId: string, epoch: number): GrantEntry | undefined
  /** In the order of their admission. */
  grants(): readonly Readonly<Grant>[]
}

export interface RegistryOptions {
  session: string
  /** Raw key of the operator: the root of all trust in the session. */
  operatorKey: Uint8Array
  primitives: Primitives
}

/** Throws ProtocolError when the session's id or the operator's key cannot be one. */
export function createRegistry({ session, operatorKey, primitives }: RegistryOptions): Registry {
  if (!isSessionId(session)) throw new ProtocolError('malformed', `"${session}" is not the id of a session`)
  if (smallOrderKey(operatorKey)) throw new ProtocolError('malformed', 'the operator key is not a usable key')
  const operator = agentName(session, 'operator')
  const operatorKeyId = keyIdOf(operatorKey, primitives)
  const entries = new Map<string, GrantEntry>()
  const keyOfAgent = new Map<string, string>()
  const agentOfKey = new Map([[operatorKeyId, operator as string]])
  const revocations = new Map<string, number>()
  const roots = createVerifiedRoots(64, primitives)

  function admit(wire: string): GrantVerdict {
    const read = readGrant(wire, primitives)
    if (!read.ok) return read
    const { grant, signature, leaf } = read
    if (grant.session_id !== session) return refuse('wrong-scope', 'session_id: another session')

    const publicKey = fromBase64(grant.public_key)
    if (publicKey === undefined || smallOrderKey(publicKey)) return refuse('weak-key', 'a key of small order')
    if (revocations.has(grant.key_id)) return refuse('revoked-key', 'the key has been revoked')

    const refused = faultOfIssuer(grant, signature.publicKey)
    if (refused !== undefined) return refused
    const checked = checkSignature(leaf, signature, primitives, roots)
    if (!checked.ok) return checked

    const known = entries.get(entryKey(grant.key_id, grant.epoch))
    if (known !== undefined && sameGrant(known.grant, grant)) return { ok: true, grant }
    const agentKey = keyOfAgent.get(`${grant.epoch} ${grant.agent}`)
    if (known !== undefined || agentKey !== undefined) {
      return refuse('conflict', 'the agent or the key has another grant in this epoch')
    }
    const owner = agentOfKey.get(grant.key_id)
    if (owner !== undefined && owner !== grant.agent)
      return refuse('conflict', 'the key is that of another agent')

    entries.set(entryKey(grant.key_id, grant.epoch), entryOf(grant, publicKey))
    keyOfAgent.set(`${grant.epoch} ${grant.agent}`, grant.key_id)
    agentOfKey.set(grant.key_id, grant.agent)
    return { ok: true, grant }
  }

  /** The operator grants to itself and to coordinators; a coordinator to all others, in its own epoch. */
  function faultOfIssuer(grant: Grant, signingKey: Uint8Array): GrantVerdict | undefined {
    if (revocations.has(grant.issuer_key_id))
      return refuse('revoked-key', "the issuer's key has been revoked")
    if (!isSubset(grant.performatives, performativesOf(grant.role))) {
      return refuse('too-wide', `performatives: more than a ${grant.role} may ever have`)
    }
    if (grant.role === 'operator' || grant.role === 'coordinator') {
      const byOperator = grant.issuer === operator && grant.issuer_key_id === operatorKeyId
      if (!byOperator || !equalBytes(signingKey, operatorKey)) {
        return refuse('unknown-issuer', `a grant to a ${grant.role} must be by the operator`)
      }
      const own = grant.agent === operator && grant.key_id === operatorKeyId
      if (grant.role === 'operator' ? own : grant.agent !== operator) return undefined
      return refuse('too-wide', 'role: the operator is the holder of the operator key, and only that')
    }
    if (grant.agent === operator) return refuse('too-wide', 'agent: the name of the operator')
    const issuer = entries.get(entryKey(grant.issuer_key_id, grant.epoch))
    if (issuer?.grant.role !== 'coordinator' || issuer.grant.agent !== grant.issuer) {
      return refuse('unknown-issuer', 'the issuer is not a coordinator of this epoch')
    }
    if (!equalBytes(signingKey, issuer.publicKey)) {
      return refuse('unknown-issuer', "the signature is not by the issuer's key")
    }
    if (!isSubset(grant.performatives, issuer.grant.performatives)) {
      return refuse('too-wide', "performatives: more than the issuer's own")
    }
    if (!grant.receivers.every((receiver) => receiver === grant.issuer || issuer.mayAddress(receiver))) {
      return refuse('too-wide', "receivers: more than the issuer's own")
    }
    return undefined
  }

  return {
    session,
    admit,
    revoke(keyId, position) {
      revocations.set(keyId, Math.min(position, revocations.get(keyId) ?? Number.POSITIVE_INFINITY))
    },
    isRevoked(keyId, position) {
      const from = revocations.get(keyId)
      return from !== undefined && (position === undefined || position >= from)
    },
    find: (keyId, epoch) => entries.get(entryKey(keyId, epoch)),
    grants: () => [...entries.values()].map((entry) => entry.grant),
  }
}

function entryKey(keyId: string, epoch: number): string {
  return `${epoch} ${keyId}`
}

function entryOf(grant: Grant, publicKey: Uint8Array): GrantEntry {
  const receivers = new Set(grant.receivers)
  const all = receivers.has('*')
  return { grant, publicKey, mayAddress: (receiver) => all || receivers.has(receiver) }
}

/** Issued again, perhaps at another time or in another batch, but saying the same. */
function sameGrant(one: Readonly<Grant>, other: Grant): boolean {
  return (
    one.agent === other.agent &&
    one.role === other.role &&
    one.issuer === other.issuer &&
    one.issuer_key_id === other.issuer_key_id &&
    sameItems(one.performatives, other.performatives) &&
    sameItems(one.receivers, other.receivers)
  )
}

function sameItems(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && isSubset(one, other)
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  const allowed = new Set(whole)
  return part.every((item) => allowed.has(item))
}

function refuse(code: GrantRejectionCode, detail: string): GrantVerdict {
  return { ok: false, code, detail }
}
