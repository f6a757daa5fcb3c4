import { canonicalize } from './canonical.ts'
import type { JsonObject } from './json.ts'
import {
  contentFits,
  ENVELOPE_BYTES_MAX,
  faultOfMembers,
  faultOfNames,
  hasNoncharacter,
  type MessageDraft,
  messageTail,
} from './message.ts'
import { PAYLOAD_TYPES } from './pae.ts'
import type { Primitives, Signer } from './primitives.ts'
import { ProtocolError } from './protocol-error.ts'
import { signTexts } from './signature.ts'
import { insertSignature } from './splice.ts'
import { fitsBytes } from './utf8.ts'

export interface SealedMessage {
  draft: MessageDraft
  /** What is journalled and sent. */
  wire: string
}

/**
 * Signs drafts: one with a signature of its own, several with one signature over all. Throws ProtocolError when a
 * draft could not be verified by anybody; then nothing is signed.
 */
export function seal(
  drafts: readonly MessageDraft[],
  signer: Signer,
  primitives: Primitives,
): SealedMessage[] {
  const texts = drafts.map((draft) => textOf(draft, signer))
  const signatures = signTexts(PAYLOAD_TYPES.message, texts, signer, primitives)
  return drafts.map((draft, at) => {
    const wire = insertSignature(texts[at] ?? '', messageTail(draft), signatures[at] ?? '')
    if (!fitsBytes(wire, ENVELOPE_BYTES_MAX)) {
      throw new ProtocolError('too-large', `${draft.message_id}: more than ${ENVELOPE_BYTES_MAX} bytes`)
    }
    return { draft, wire }
  })
}

function textOf(draft: MessageDraft, signer: Signer): string {
  const text = canonicalize(draft as unknown as JsonObject)
  const fault =
    faultOfMembers(draft as unknown as JsonObject) ??
    faultOfNames(draft) ??
    (draft.key_id === signer.keyId ? undefined : 'key_id: not the key that signs') ??
    (hasNoncharacter(text) ? 'a text contains U+FFFE or U+FFFF' : undefined)
  if (fault !== undefined) throw new ProtocolError('malformed', `${draft.message_id}: ${fault}`)
  if (!contentFits(text, draft.content)) {
    throw new ProtocolError('too-large', `${draft.message_id}: the content is too large to be sent inline`)
  }
  return text
}
