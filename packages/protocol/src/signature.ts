import { fromBase64, toBase64 } from './base64.ts'
import { isJsonObject, type Json } from './json.ts'
import { hasExactly, isWhole } from './members.ts'
import { PAYLOAD_TYPES, preAuthenticationEncoding } from './pae.ts'
import type { Primitives, Signer } from './primitives.ts'
import { hasCanonicalScalar } from './small-order-key.ts'
import { forEachSibling, leafHash, rootFromProof, TREE_SIZE_MAX, treeOf } from './tree.ts'

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

/** What a batch signature signs: the size as 8 bytes, big-endian, then the root. */
export function batchPayload(treeSize: number, root: Uint8Array): Uint8Array {
  const body = new Uint8Array(8 + root.length)
  new DataView(body.buffer).setBigUint64(0, BigInt(treeSize))
  body.set(root, 8)
  return preAuthenticationEncoding(PAYLOAD_TYPES.batch, body)
}

/**
 * Signs each payload (a pre-authentication encoding): one with its own signature, several with one signature
 * over their tree. Returns, in their order, the canonical texts of the signature members.
 */
export function signPayloads(
  payloads: readonly Uint8Array[],
  signer: Signer,
  primitives: Primitives,
): string[] {
  const key = toBase64(signer.publicKey)
  const [first] = payloads
  if (first === undefined) return []
  if (payloads.length === 1) {
    const bytes = toBase64(signer.sign(first))
    return [`{"algorithm":"ed25519","public_key":"${key}","signature_bytes":"${bytes}"}`]
  }
  const tree = treeOf(
    payloads.map((payload) => leafHash(payload, primitives)),
    primitives,
  )
  const bytes = toBase64(signer.sign(batchPayload(payloads.length, tree.root)))
  // Each hash stands in many proofs: quote it once.
  const quoted = tree.levels.map((level) => level.map((hash) => `"${toBase64(hash)}"`))
  return payloads.map((_, leafIndex) => {
    let hashes = ''
    forEachSibling(tree, leafIndex, (level, index) => {
      hashes += `${hashes === '' ? '' : ','}${quoted[level]?.[index]}`
    })
    const proof = `{"hashes":[${hashes}],"leaf_index":${leafIndex},"tree_size":${payloads.length}}`
    return `{"algorithm":"ed25519-batch","proof":${proof},"public_key":"${key}","signature_bytes":"${bytes}"}`
  })
}

/** A signature whose parts have been decoded. */
export interface ReadSignature {
  publicKey: Uint8Array
  bytes: Uint8Array
  proof: { leafIndex: number; treeSize: number; hashes: Uint8Array[] } | null
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
  if (!batch) return { ok: true, signature: { publicKey, bytes, proof: null } }
  const proof = readProof(value.proof)
  if (proof === undefined) return malformed('signature.proof: not an inclusion proof')
  return { ok: true, signature: { publicKey, bytes, proof } }
}

const SINGLE_MEMBERS = ['algorithm', 'public_key', 'signature_bytes']
const BATCH_MEMBERS = ['algorithm', 'proof', 'public_key', 'signature_bytes']
const PROOF_MEMBERS = ['hashes', 'leaf_index', 'tree_size']

function readProof(value: Json | undefined): ReadSignature['proof'] | undefined {
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

/** Remembers batch roots whose signature has been found good. */
export interface VerifiedRoots {
  has(signature: ReadSignature, treeSize: number, root: Uint8Array): boolean
  add(signature: ReadSignature, treeSize: number, root: Uint8Array): void
}

export type SignatureChecked =
  | { ok: true; digest: Uint8Array }
  | { ok: false; code: 'bad-proof' | 'bad-signature'; detail: string }

/**
 * Checks a signature over a payload, with the key it embeds: the caller has made sure that it is the right one.
 * `digest` is the payload's leaf hash, whichever way it was signed.
 */
export function checkSignature(
  payload: Uint8Array,
  signature: ReadSignature,
  primitives: Primitives,
  roots?: VerifiedRoots,
): SignatureChecked {
  const digest = leafHash(payload, primitives)
  const { proof } = signature
  if (proof === null) {
    return verifies(signature, payload, primitives) ? { ok: true, digest } : badSignature()
  }
  const root = rootFromProof(digest, proof.leafIndex, proof.treeSize, proof.hashes, primitives)
  if (root === undefined) {
    return { ok: false, code: 'bad-proof', detail: 'the proof does not fit its tree size' }
  }
  if (roots?.has(signature, proof.treeSize, root)) return { ok: true, digest }
  if (!verifies(signature, batchPayload(proof.treeSize, root), primitives)) return badSignature()
  roots?.add(signature, proof.treeSize, root)
  return { ok: true, digest }
}

function verifies(signature: ReadSignature, signed: Uint8Array, primitives: Primitives): boolean {
  return (
    hasCanonicalScalar(signature.bytes) && primitives.verify(signature.publicKey, signed, signature.bytes)
  )
}

function badSignature(): SignatureChecked {
  return { ok: false, code: 'bad-signature', detail: 'the signature does not fit' }
}
