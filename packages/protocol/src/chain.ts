import { canonicalize } from './canonical.ts'
import { EncodingRoom } from './encoding-room.ts'
import { bytesOfHash, type Sha256, sha256Hex } from './hash.ts'
import { encodeLinked, PAYLOAD_TYPES, preAuthenticationEncoding } from './pae.ts'
import type { Primitives } from './primitives.ts'
import { utf8 } from './utf8.ts'

type Hashing = Pick<Primitives, 'sha256'>

/** What the first entry of a session's journal is chained to. */
export function chainStart(session: string, primitives: Hashing): Sha256 {
  const body = utf8(canonicalize({ session_id: session, v: 1 }))
  return sha256Hex(preAuthenticationEncoding(PAYLOAD_TYPES.journalStart, body), primitives)
}

/** Hash of the entry with this body, after the entry with hash `previous`. Give many of them one `room`. */
export function chainHash(
  previous: Sha256,
  body: string,
  primitives: Hashing,
  room = new EncodingRoom(),
): Sha256 {
  return sha256Hex(encodeLinked(PAYLOAD_TYPES.journalEntry, bytesOfHash(previous), body, room), primitives)
}
