import type { Primitives } from './primitives.ts'

/** A SHA-256 as 64 lower-case hex digits. */
export type Sha256 = string & { readonly __sha256: unique symbol }

const HASH_BYTES = 32
const HEX = /^[0-9a-f]{64}$/

export function isSha256(text: unknown): text is Sha256 {
  return typeof text === 'string' && HEX.test(text)
}

export function sha256Hex(bytes: Uint8Array, primitives: Pick<Primitives, 'sha256'>): Sha256 {
  return hexOf(primitives.sha256(bytes))
}

/** Of a 32-byte hash. */
export function hexOf(hash: Uint8Array): Sha256 {
  let hex = ''
  for (const byte of hash) hex += (byte >> 4).toString(16) + (byte & 15).toString(16)
  return hex as Sha256
}

export function bytesOfHash(hash: Sha256): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTES)
  for (let at = 0; at < HASH_BYTES; at++) bytes[at] = Number.parseInt(hash.slice(at * 2, at * 2 + 2), 16)
  return bytes
}
