import { DriverError, evidenceKey, type ObjectStore } from '@infrafabric/ports'
import {
  canonicalize,
  evidenceName,
  type Json,
  type Primitives,
  sha256Hex,
  utf8,
} from '@infrafabric/protocol'
import { claimCheckOf } from '@infrafabric/session'

/** Contents longer than this many bytes are left with the object store, and the message carries a claim check. */
const INLINE_BYTES_MAX = 48 * 1024

/** The content as a message may carry it: itself, or a claim check for it once its bytes are stored. */
export async function checkIn(content: Json, objects: ObjectStore, primitives: Primitives): Promise<Json> {
  // A character is at least one byte, and most contents are far from the limit either way.
  const text = canonicalize(content)
  if (text.length <= INLINE_BYTES_MAX / 3) return content
  const bytes = utf8(text)
  if (bytes.length <= INLINE_BYTES_MAX) return content
  const sha256 = sha256Hex(bytes, primitives)
  await objects.put(evidenceKey(sha256), bytes)
  return {
    claim_check: { uri: evidenceName(sha256), sha256, bytes: bytes.length, media_type: 'application/json' },
  }
}

/** The real content, re-hashed when it comes from the object store. Rejects with `corrupt` when it is not what was signed. */
export async function checkOut(content: Json, objects: ObjectStore, primitives: Primitives): Promise<Json> {
  const check = claimCheckOf(content)
  if (check === null) return content
  const bytes = await objects.get(evidenceKey(check.sha256))
  if (bytes.length !== check.bytes || sha256Hex(bytes, primitives) !== check.sha256) {
    throw new DriverError(
      'corrupt',
      'read claim check',
      `object ${check.sha256} is not the content that was signed: restore the object store from a backup or an export`,
    )
  }
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json
}
