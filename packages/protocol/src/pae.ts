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
