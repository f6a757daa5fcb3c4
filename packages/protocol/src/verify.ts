import { equalBytes } from './bytes.ts'
import { parseCanonical } from './canonical.ts'
import { EncodingRoom } from './encoding-room.ts'
import { isJsonObject, type Json } from './json.ts'
import {
  CONTENT_BYTES_MAX,
  contentFits,
  ENVELOPE_BYTES_MAX,
  faultOfMembers,
  faultOfNames,
  hasNoncharacter,
  type Message,
  messageTail,
} from './message.ts'
import { PAYLOAD_TYPES, signedLeaf } from './pae.ts'
import type { Primitives } from './primitives.ts'
import type { Registry } from './registry.ts'
import { checkSignature, readSignature } from './signature.ts'
import { smallOrderKey } from './small-order-key.ts'
import { withoutSignature } from './splice.ts'
import { createVerifiedRoots } from './verified-roots.ts'

declare const verified: unique symbol

/** A message whose text, scope, grant and signature are right. Only `verify` makes one. */
export interface VerifiedMessage extends Readonly<Message> {
  readonly [verified]: true
  /** The exact text that was verified. */
  readonly wire: string
  /** Leaf hash of what was signed: the same however often, and in whatever batch, it was sealed. 32 bytes. */
  readonly digest: Uint8Array
}

export type RejectionCode =
  | 'too-large'
  | 'not-canonical'
  | 'malformed'
  | 'wrong-scope'
  | 'unknown-algorithm'
  | 'unknown-key'
  | 'weak-key'
  | 'revoked-key'
  | 'not-granted'
  | 'bad-proof'
  | 'bad-signature'

export interface Rejected {
  ok: false
  code: RejectionCode
  /** For people; never contains text of the message. */
  detail: string
}

export type Verdict = { ok: true; message: VerifiedMessage } | Rejected

export interface VerifierOptions {
  primitives: Primitives
  registry: Registry
  /** How many batch roots to remember. */
  rootsMax?: number
}

export interface VerifyOptions {
  /** Journal position at which the message is judged; left out: now, when every revocation counts. */
  position?: number
}

export interface Verifier {
  /** Never throws, whatever the text. */
  verify(wire: string, options?: VerifyOptions): Verdict
}

/** Verifies the messages of the registry's session. */
export function createVerifier({ primitives, registry, rootsMax = 1024 }: VerifierOptions): Verifier {
  const roots = createVerifiedRoots(rootsMax, primitives)
  const room = new EncodingRoom()

  function verify(wire: string, options: VerifyOptions = {}): Verdict {
    const parsed = parseCanonical(wire, { bytesMax: ENVELOPE_BYTES_MAX })
    if (!parsed.ok) return reject(parsed.code, parsed.detail)
    const { value } = parsed
    if (!isJsonObject(value)) return reject('malformed', 'not an object')
    if (hasNoncharacter(wire)) return reject('malformed', 'a text contains U+FFFE or U+FFFF')
    const malformed = faultOfMembers(value)
    if (malformed !== undefined) return reject('malformed', malformed)
    if (!contentFits(wire, value.content as Json)) {
      return reject('too-large', `content of more than ${CONTENT_BYTES_MAX} bytes`)
    }
    const message = value as unknown as Message

    if (message.session_id !== registry.session) return reject('wrong-scope', 'session_id: another session')
    const foreign = faultOfNames(message)
    if (foreign !== undefined) return reject('wrong-scope', foreign)

    const read = readSignature(value.signature)
    if (!read.ok) return reject(read.code, read.detail)
    const { signature } = read

    const entry = registry.find(message.key_id, message.epoch)
    if (entry === undefined || entry.grant.agent !== message.sender) {
      return reject('unknown-key', 'no grant of this key to the sender in this epoch')
    }
    if (!equalBytes(signature.publicKey, entry.publicKey)) {
      return reject('unknown-key', 'the embedded key is not the granted one')
    }
    if (smallOrderKey(signature.publicKey)) return reject('weak-key', 'a key of small order')
    if (registry.isRevoked(message.key_id, options.position)) {
      return reject('revoked-key', 'the key has been revoked')
    }

    if (!entry.grant.performatives.includes(message.performative)) {
      return reject('not-granted', 'performative: not granted to the sender')
    }
    if (!entry.mayAddress(message.receiver)) {
      return reject('not-granted', 'receiver: not granted to the sender')
    }

    const signed = withoutSignature(wire, messageTail(message))
    const leaf = signedLeaf(PAYLOAD_TYPES.message, signed, room)
    const checked = checkSignature(leaf, signature, primitives, roots)
    if (!checked.ok) return reject(checked.code, checked.detail)
    // The only place where a message becomes a verified one.
    return { ok: true, message: { ...message, wire, digest: checked.digest } as VerifiedMessage }
  }

  return { verify }
}

function reject(code: RejectionCode, detail: string): Rejected {
  return { ok: false, code, detail }
}
