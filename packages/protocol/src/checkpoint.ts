import { equalBytes } from './bytes.ts'
import { canonicalize, parseCanonical } from './canonical.ts'
import { isSha256, type Sha256 } from './hash.ts'
import { isJsonObject, type JsonObject } from './json.ts'
import { isKeyId } from './key-id.ts'
import { hasExactly, isWhole } from './members.ts'
import { isSessionId } from './names.ts'
import { PAYLOAD_TYPES, signedLeaf } from './pae.ts'
import type { Primitives, Signer } from './primitives.ts'
import { ProtocolError } from './protocol-error.ts'
import type { Registry } from './registry.ts'
import { checkSignature, readSignature, signTexts } from './signature.ts'
import { insertSignature, withoutSignature } from './splice.ts'

/** A coordinator's word that the journal's first `size` entries end in `head`. */
export interface Checkpoint {
  v: 1
  session_id: string
  epoch: number
  size: number
  head: Sha256
  /** Epoch ms. */
  at: number
  key_id: string
}

export type CheckpointRejectionCode =
  | 'too-large'
  | 'not-canonical'
  | 'malformed'
  | 'wrong-scope'
  | 'unknown-algorithm'
  | 'unknown-key'
  | 'revoked-key'
  | 'bad-proof'
  | 'bad-signature'

export type CheckpointVerdict =
  | { ok: true; checkpoint: Checkpoint }
  | { ok: false; code: CheckpointRejectionCode; detail: string }

export const CHECKPOINT_BYTES_MAX = 4 * 1024

const MEMBERS = ['at', 'epoch', 'head', 'key_id', 'session_id', 'size', 'v']
const SIGNED_MEMBERS = [...MEMBERS, 'signature']

/** The text after `signature` in a checkpoint's canonical form. */
function tailOf(checkpoint: Checkpoint): string {
  return `,"size":${checkpoint.size},"v":1}`
}

/** Returns the wire text. Throws ProtocolError when the checkpoint is malformed. */
export function sealCheckpoint(checkpoint: Checkpoint, signer: Signer, primitives: Primitives): string {
  const text = canonicalize(checkpoint as unknown as JsonObject)
  const fault =
    faultOf(checkpoint as unknown as JsonObject, MEMBERS) ??
    (checkpoint.key_id === signer.keyId ? undefined : 'key_id: not the key that signs')
  if (fault !== undefined) throw new ProtocolError('malformed', `checkpoint: ${fault}`)
  const [signature = ''] = signTexts(PAYLOAD_TYPES.checkpoint, [text], signer, primitives)
  return insertSignature(text, tailOf(checkpoint), signature)
}

export interface VerifyCheckpointOptions {
  registry: Registry
  primitives: Primitives
  /** Journal position at which it is judged; left out: now. */
  position?: number
}

/** Whether a coordinator of the session signed it. That `head` is right is for the reader of the journal to check. */
export function verifyCheckpoint(wire: string, options: VerifyCheckpointOptions): CheckpointVerdict {
  const { registry, primitives, position } = options
  const parsed = parseCanonical(wire, { bytesMax: CHECKPOINT_BYTES_MAX })
  if (!parsed.ok) return parsed
  const { value } = parsed
  if (!isJsonObject(value)) return refuse('malformed', 'not an object')
  const fault = faultOf(value, SIGNED_MEMBERS)
  if (fault !== undefined) return refuse('malformed', fault)
  const { signature: member, ...rest } = value
  const checkpoint = rest as unknown as Checkpoint
  if (checkpoint.session_id !== registry.session) return refuse('wrong-scope', 'session_id: another session')

  const read = readSignature(member)
  if (!read.ok) return read
  const entry = registry.find(checkpoint.key_id, checkpoint.epoch)
  if (entry?.grant.role !== 'coordinator' || !equalBytes(entry.publicKey, read.signature.publicKey)) {
    return refuse('unknown-key', 'the key is not that of a coordinator in this epoch')
  }
  if (registry.isRevoked(checkpoint.key_id, position)) {
    return refuse('revoked-key', 'the key has been revoked')
  }
  const text = withoutSignature(wire, tailOf(checkpoint))
  const leaf = signedLeaf(PAYLOAD_TYPES.checkpoint, text)
  const checked = checkSignature(leaf, read.signature, primitives)
  return checked.ok ? { ok: true, checkpoint } : checked
}

function faultOf(checkpoint: JsonObject, members: readonly string[]): string | undefined {
  if (!hasExactly(checkpoint, members)) return 'members missing or unknown'
  if (checkpoint.v !== 1) return 'v: not 1'
  if (typeof checkpoint.session_id !== 'string' || !isSessionId(checkpoint.session_id)) {
    return 'session_id: not the id of a session'
  }
  for (const member of ['at', 'epoch', 'size'] as const) {
    if (!isWhole(checkpoint[member])) return `${member}: not a whole number`
  }
  if (!isSha256(checkpoint.head)) return 'head: not a SHA-256'
  return isKeyId(checkpoint.key_id) ? undefined : 'key_id: not the id of a key'
}

function refuse(code: CheckpointRejectionCode, detail: string): CheckpointVerdict {
  return { ok: false, code, detail }
}
