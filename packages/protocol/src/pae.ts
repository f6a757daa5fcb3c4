import { EncodingRoom } from './encoding-room.ts'
import { utf8 } from './utf8.ts'

/** What a signature is about. A signature over one type is never a signature over another. */
export const PAYLOAD_TYPES = {
  message: 'application/vnd.infrafabric.bus.v1+json',
  grant: 'application/vnd.infrafabric.grant.v1+json',
  checkpoint: 'application/vnd.infrafabric.checkpoint.v1+json',
  batch: 'application/vnd.infrafabric.batch.v1',
  journalStart: 'application/vnd.infrafabric.journal-start.v1+json',
  journalEntry: 'application/vnd.infrafabric.journal-entry.v1+json',
} as const

const BLANK = 0x20

/**
 * DSSE v1 pre-authentication encoding: `DSSEv1 <bytes of type> <type> <bytes of body> <body>`, lengths in decimal.
 * https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md
 */
export function preAuthenticationEncoding(type: string, body: Uint8Array): Uint8Array {
  const head = utf8(`DSSEv1 ${utf8(type).length} ${type} ${body.length} `)
  const encoded = new Uint8Array(head.length + body.length)
  encoded.set(head)
  encoded.set(body, head.length)
  return encoded
}

/**
 * What a signature over a text covers, as the leaf that a batch hashes: 0x00, then the text's pre-authentication
 * encoding. Valid until the room is used again.
 */
export function signedLeaf(type: string, text: string, room = new EncodingRoom()): Uint8Array {
  return room.encode(text, (bytes) => `\0DSSEv1 ${type.length} ${type} ${bytes} `)
}

/** The pre-authentication encoding of a body that is a hash and then a text. Valid until the room is used again. */
export function encodeLinked(
  type: string,
  link: Uint8Array,
  text: string,
  room = new EncodingRoom(),
): Uint8Array {
  const place = ' '.repeat(link.length)
  const encoded = room.encode(
    text,
    (bytes) => `DSSEv1 ${type.length} ${type} ${link.length + bytes} ${place}`,
  )
  // After the fourth blank.
  let at = 0
  for (let blanks = 0; blanks < 4; at++) if (encoded[at] === BLANK) blanks++
  encoded.set(link, at)
  return encoded
}
