import { DriverError, evidenceKey, type ObjectStore } from '@infrafabric/ports'
import {
  canonicalize,
  evidenceName,
  type Json,
  type Primitives,
  parseCanonical,
  sha256Hex,
  utf8,
} from '@infrafabric/protocol'
import { claimCheckOf } from '@infrafabric/session'

/** Contents longer than this many bytes are left with the object store, and the message carries a claim check. */
const INLINE_BYTES_MAX = 48 * 1024

/** An agent's reply may not be longer than this. What the coordinator says may: it holds many replies. */
export const REPLY_BYTES_MAX = 8 * 1024 * 1024

/**
 * The content as a message may carry it: itself, or a claim check for it once its bytes are stored. Rejects with
 * `too-large` above `bytesMax`.
 */
export async function checkIn(
  content: Json,
  objects: ObjectStore,
  primitives: Primitives,
  bytesMax = Number.MAX_SAFE_INTEGER,
): Promise<Json> {
  // A character is at least one byte, and most contents are far from the limit either way.
  const text = canonicalize(content)
  if (text.length <= INLINE_BYTES_MAX / 3) return content
  const bytes = utf8(text)
  if (bytes.length <= INLINE_BYTES_MAX) return content
  if (bytes.length > bytesMax) throw tooLarge('write claim check', bytes.length, bytesMax)
  const sha256 = sha256Hex(bytes, primitives)
  await objects.put(evidenceKey(sha256), bytes)
  return {
    claim_check: { uri: evidenceName(sha256), sha256, bytes: bytes.length, media_type: 'application/json' },
  }
}

/**
 * The real content, re-hashed when it comes from the object store: as canonical as a content in a message must be.
 * Rejects with `corrupt` when it is not what was signed or could not be handed on, with `too-large` above `bytesMax`.
 */
export async function checkOut(
  content: Json,
  objects: ObjectStore,
  primitives: Primitives,
  bytesMax = Number.MAX_SAFE_INTEGER,
): Promise<Json> {
  const check = claimCheckOf(content)
  if (check === null) return content
  if (check.bytes > bytesMax) throw tooLarge('read claim check', check.bytes, bytesMax)
  const bytes = await objects.get(evidenceKey(check.sha256))
  if (bytes.length !== check.bytes || sha256Hex(bytes, primitives) !== check.sha256) {
    throw new DriverError(
      'corrupt',
      'read claim check',
      `object ${check.sha256} is not the content that was signed: restore the object store from a backup or an export`,
    )
  }
  const text = textOf(bytes)
  const parsed = text === null ? null : parseCanonical(text, { bytesMax: Number.MAX_SAFE_INTEGER })
  if (parsed === null || !parsed.ok) {
    const why = parsed === null ? 'it is not Unicode text' : parsed.detail
    throw new DriverError('corrupt', 'read claim check', `object ${check.sha256} is no content: ${why}`)
  }
  return parsed.value
}

/** null when it is no text that a message could carry. */
function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return /[\uFFFE\uFFFF]/.test(text) ? null : text
  } catch {
    return null
  }
}

function tooLarge(operation: string, bytes: number, bytesMax: number): DriverError {
  return new DriverError(
    'too-large',
    operation,
    `a content of ${bytes} bytes; at most ${bytesMax} are allowed`,
  )
}
