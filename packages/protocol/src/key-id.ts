import { sha256Hex } from './hash.ts'
import type { Primitives } from './primitives.ts'

const KEY_ID = /^ed25519:[0-9a-f]{32}$/

/** Short name of a public key: `ed25519:` and the first 32 hex digits of the raw key's SHA-256. */
export function keyIdOf(publicKey: Uint8Array, primitives: Pick<Primitives, 'sha256'>): string {
  return `ed25519:${sha256Hex(publicKey, primitives).slice(0, 32)}`
}

export function isKeyId(text: unknown): text is string {
  return typeof text === 'string' && KEY_ID.test(text)
}
