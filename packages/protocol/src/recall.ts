import { canonicalize, parseCanonical } from './canonical.ts'
import { isJsonObject } from './json.ts'
import { ENVELOPE_BYTES_MAX, faultOfMembers, type Message, messageTail } from './message.ts'
import { PAYLOAD_TYPES, preAuthenticationEncoding } from './pae.ts'
import type { Primitives } from './primitives.ts'
import { withoutSignature } from './splice.ts'
import { leafHash } from './tree.ts'
import { utf8 } from './utf8.ts'

/** A message that somebody verified before, with what admission has to know of it. */
export interface RecalledMessage extends Readonly<Message> {
  readonly digest: Uint8Array
}

/**
 * Reads a message of one's own journal again, where only verified ones get in and the chain shows any change. The
 * signature is not checked, so this is never for what comes from outside. `undefined`: it is no message.
 */
export function recallMessage(
  wire: string,
  primitives: Pick<Primitives, 'sha256'>,
): RecalledMessage | undefined {
  const parsed = parseCanonical(wire, { bytesMax: ENVELOPE_BYTES_MAX })
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined
  const { value } = parsed
  if (faultOfMembers(value) !== undefined || value.signature === undefined) return undefined
  const message = value as unknown as Message
  const signed = withoutSignature(wire, messageTail(message), canonicalize(value.signature))
  const payload = preAuthenticationEncoding(PAYLOAD_TYPES.message, utf8(signed))
  return { ...message, digest: leafHash(payload, primitives) }
}
