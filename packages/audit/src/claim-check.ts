import { evidenceKey, type ObjectStore } from '@infrafabric/ports'
import { isSha256, type Json, type Primitives, parseCanonical, sha256Hex } from '@infrafabric/protocol'
import { claimCheckOf } from '@infrafabric/session'

export type Resolved = { ok: true; content: Json } | { ok: false; detail: string }
export type Objects = Pick<ObjectStore, 'get' | 'has'>
export type ObjectRead = { ok: true; bytes: Uint8Array } | { ok: false; detail: string }

/** The content that was signed: the message's own, or the object that its claim check names. Never rejects. */
export async function resolveContent(
  content: Json,
  objects: Objects,
  primitives: Primitives,
): Promise<Resolved> {
  const check = claimCheckOf(content)
  if (check === null) return { ok: true, content }
  const read = await readObject(check.sha256, objects, primitives)
  if (!read.ok) return read
  if (read.bytes.length !== check.bytes) {
    return { ok: false, detail: `object ${check.sha256} has ${read.bytes.length} bytes, not ${check.bytes}` }
  }
  const parsed = parseCanonical(textOf(read.bytes) ?? '', { bytesMax: Number.MAX_SAFE_INTEGER })
  if (!parsed.ok)
    return { ok: false, detail: `object ${check.sha256} is not canonical JSON: ${parsed.detail}` }
  return { ok: true, content: parsed.value }
}

/** The bytes stored under their own hash. Never rejects. */
export async function readObject(
  sha256: string,
  objects: Objects,
  primitives: Primitives,
): Promise<ObjectRead> {
  if (!isSha256(sha256)) return { ok: false, detail: 'not the hash of an object' }
  try {
    const bytes = await objects.get(evidenceKey(sha256))
    if (sha256Hex(bytes, primitives) === sha256) return { ok: true, bytes }
    return { ok: false, detail: `object ${sha256} was changed: its bytes have another hash` }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { ok: false, detail: `object ${sha256} cannot be read: ${why}` }
  }
}

/** `undefined` when the bytes are no UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
