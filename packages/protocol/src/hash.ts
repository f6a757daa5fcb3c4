import type { Primitives } from './primitives.ts'

/** A SHA-256 as 64 lower-case hex digits. */
export type Sha256 = string & { readonly __sha256: unique symbol }

const HASH_BYTES = 32
const HEX_OF = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
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
  for (let at = 0; at < hash.length; at++) hex += HEX_OF[hash[at] ?? 0]
  return hex as Sha256
}

export function bytesOfHash(hash: Sha256): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTES)
  for (let at = 0; at < HASH_BYTES; at++) {
    bytes[at] = (digit(hash.charCodeAt(2 * at)) << 4) | digit(hash.charCodeAt(2 * at + 1))
  }
  return bytes
}

/** Of the code of a lower-case hex digit. */
function digit(code: number): number {
  return code < 58 ? code - 48 : code - 87
}
