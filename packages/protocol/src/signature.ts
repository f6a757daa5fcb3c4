import { fromBase64, toBase64 } from './base64.ts'
import { EncodingRoom } from './encoding-room.ts'
import { isJsonObject, type Json } from './json.ts'
import { hasExactly, isWhole } from './members.ts'
import { PAYLOAD_TYPES, preAuthenticationEncoding, signedLeaf } from './pae.ts'
import type { Primitives, Signer } from './primitives.ts'
import { hasCanonicalScalar, smallOrderKey } from './small-order-key.ts'
import { forEachSibling, rootFromProof, TREE_SIZE_MAX, treeOf } from './tree.ts'

export type Signature =
  | { algorithm: 'ed25519'; public_key: string; signature_bytes: string }
  | { algorithm: 'ed25519-batch'; public_key: string; signature_bytes: string; proof: BatchProof }

export interface BatchProof {
  leaf_index: number
  tree_size: number
  hashes: string[]
}

/** The hashes of the largest tree's proof. */
const PROOF_HASHES_MAX = Math.log2(TREE_SIZE_MAX)

/** What the signature of a leaf alone signs. */
function payloadOf(leaf: Uint8Array): Uint8Array {
  return leaf.subarray(1)
}

/** What a batch signature signs: the size as 8 bytes, big-endian, then the root. */
export function batchPayload(treeSize: number, root: Uint8Array): Uint8Array {
  const body = new Uint8Array(8 + root.length)
  new DataView(body.buffer).setBigUint64(0, BigInt(treeSize))
  body.set(root, 8)
  return preAuthenticationEncoding(PAYLOAD_TYPES.batch, body)
}

/**
 * Signs texts: one with its own signature, several with one signature over their tree. Returns, in their order,
 * the canonical texts of the signature members.
 */
export function signTexts(
  type: string,
  texts: readonly string[],
  signer: Signer,
  primitives: Primitives,
): string[] {
  const key = toBase64(signer.publicKey)
  const [first] = texts
  if (first === undefined) return []
  if (texts.length === 1) {
    const bytes = toBase64(signer.sign(payloadOf(signedLeaf(type, first))))
    return [`{"algorithm":"ed25519","public_key":"${key}","signature_bytes":"${bytes}"}`]
  }
  const room = new EncodingRoom()
  const leaves = texts.map((text) => primitives.sha256(signedLeaf(type, text, room)))
  const tree = treeOf(leaves, primitives)
  const bytes = toBase64(signer.sign(batchPayload(leaves.length, tree.root)))
  // Each hash stands in many proofs: quote it once.
  const quoted = tree.levels.map((level) => level.map((hash) => `"${toBase64(hash)}"`))
  return texts.map((_, leafIndex) => {
    let hashes = ''
    forEachSibling(tree, leafIndex, (level, index) => {
      hashes += `${hashes === '' ? '' : ','}${quoted[level]?.[index]}`
    })
    const proof = `{"hashes":[${hashes}],"leaf_index":${leafIndex},"tree_size":${leaves.length}}`
    return `{"algorithm":"ed25519-batch","proof":${proof},"public_key":"${key}","signature_bytes":"${bytes}"}`
  })
}

/** A signature whose parts have been decoded. */
export interface ReadSignature {
  publicKey: Uint8Array
  bytes: Uint8Array
  /** `bytes` as they were written. */
  text: string
  proof: ReadProof | null
}

export interface ReadProof {
  leafIndex: number
  treeSize: number
  hashes: Uint8Array[]
}

export type SignatureRead =
  | { ok: true; signature: ReadSignature }
  | { ok: false; code: 'malformed' | 'unknown-algorithm'; detail: string }

export function readSignature(value: Json | undefined): SignatureRead {
  if (value === undefined || !isJsonObject(value)) return malformed('signature: not an object')
  if (value.algorithm !== 'ed25519' && value.algorithm !== 'ed25519-batch') {
    return { ok: false, code: 'unknown-algorithm', detail: 'signature.algorithm: not one we know' }
  }
  const batch = value.algorithm === 'ed25519-batch'
  if (!hasExactly(value, batch ? BATCH_MEMBERS : SINGLE_MEMBERS)) {
    return malformed('signature: members missing or unknown')
  }
  const publicKey = bytesOf(value.public_key, 32)
  if (publicKey === undefined) return malformed('signature.public_key: not 32 bytes in base64')
  const bytes = bytesOf(value.signature_bytes, 64)
  if (bytes === undefined) return malformed('signature.signature_bytes: not 64 bytes in base64')
  const text = value.signature_bytes as string
  if (!batch) return { ok: true, signature: { publicKey, bytes, text, proof: null } }
  const proof = readProof(value.proof)
  if (proof === undefined) return malformed('signature.proof: not an inclusion proof')
  return { ok: true, signature: { publicKey, bytes, text, proof } }
}

const SINGLE_MEMBERS = ['algorithm', 'public_key', 'signature_bytes']
const BATCH_MEMBERS = ['algorithm', 'proof', 'public_key', 'signature_bytes']
const PROOF_MEMBERS = ['hashes', 'leaf_index', 'tree_size']

function readProof(value: Json | undefined): ReadProof | undefined {
  if (value === undefined || !isJsonObject(value) || !hasExactly(value, PROOF_MEMBERS)) return undefined
  const { hashes, leaf_index: leafIndex, tree_size: treeSize } = value
  // A batch of one would be a second way to write a plain signature.
  if (!isWhole(treeSize) || treeSize < 2 || treeSize > TREE_SIZE_MAX) return undefined
  if (!isWhole(leafIndex) || leafIndex >= treeSize) return undefined
  if (!Array.isArray(hashes) || hashes.length > PROOF_HASHES_MAX) return undefined
  const decoded: Uint8Array[] = []
  for (const hash of hashes) {
    const bytes = bytesOf(hash, 32)
    if (bytes === undefined) return undefined
    decoded.push(bytes)
  }
  return { leafIndex, treeSize, hashes: decoded }
}

function bytesOf(value: Json | undefined, length: number): Uint8Array | undefined {
  if (typeof value !== 'string' || value.length !== 4 * Math.ceil(length / 3)) return undefined
  const bytes = fromBase64(value)
  return bytes?.length === length ? bytes : undefined
}

function malformed(detail: string): { ok: false; code: 'malformed'; detail: string } {
  return { ok: false, code: 'malformed', detail }
}

/** Remembers batches whose signature has been found good. */
export interface VerifiedRoots {
  /** Whether the proof leads from the digest to a remembered root. False says nothing. */
  leadsTo(signature: ReadSignature, digest: Uint8Array, proof: ReadProof): boolean
  /** The proof leads from the digest to the root, and the signature over that is good. */
  add(signature: ReadSignature, digest: Uint8Array, proof: ReadProof): void
}

export type SignatureChecked =
  | { ok: true; digest: Uint8Array }
  | { ok: false; code: 'bad-proof' | 'bad-signature'; detail: string }

/**
 * Checks a signature over what `signedLeaf` gives, with the key it embeds: the caller has made sure that it is the
 * right one. `digest` is the leaf's hash, whichever way it was signed.
 */
export function checkSignature(
  leaf: Uint8Array,
  signature: ReadSignature,
  primitives: Primitives,
  roots?: VerifiedRoots,
): SignatureChecked {
  const digest = primitives.sha256(leaf)
  const { proof } = signature
  if (proof === null) {
    return verifies(signature, payloadOf(leaf), primitives) ? { ok: true, digest } : badSignature()
  }
  if (roots?.leadsTo(signature, digest, proof)) return { ok: true, digest }
  const root = rootFromProof(digest, proof.leafIndex, proof.treeSize, proof.hashes, primitives)
  if (root === undefined) {
    return { ok: false, code: 'bad-proof', detail: 'the proof does not fit its tree size' }
  }
  if (!verifies(signature, batchPayload(proof.treeSize, root), primitives)) return badSignature()
  roots?.add(signature, digest, proof)
  return { ok: true, digest }
}

/**
 * An R of small order, which only a holder of the key can make fit, is taken by some releases of OpenSSL and refused
 * by others: refused here, so that everybody judges alike.
 */
function verifies(signature: ReadSignature, signed: Uint8Array, primitives: Primitives): boolean {
  return (
    hasCanonicalScalar(signature.bytes) &&
    !smallOrderKey(signature.bytes.subarray(0, 32)) &&
    primitives.verify(signature.publicKey, signed, signature.bytes)
  )
}

function badSignature(): SignatureChecked {
  return { ok: false, code: 'bad-signature', detail: 'the signature does not fit' }
}
