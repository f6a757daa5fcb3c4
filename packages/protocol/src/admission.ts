import { equalBytes } from './bytes.ts'
import type { VerifiedMessage } from './verify.ts'

export type AdmissionCode =
  | 'wrong-scope'
  /** Admitted before, word for word: drop it and acknowledge it. */
  | 'duplicate'
  /** The sender signed two messages with one place in its sequence: raise an alarm. */
  | 'equivocation'
  | 'stale'
  | 'future'
  | 'expired'

export type Admitted = { ok: true } | { ok: false; code: AdmissionCode; detail: string }

/** What admission looks at; a VerifiedMessage has it all. */
export type Admissible = Pick<
  VerifiedMessage,
  'session_id' | 'sender' | 'epoch' | 'seq' | 'digest' | 'timestamp' | 'expires_at'
>

export interface Admission {
  /** Lets a verified message in once. `now` is epoch ms. */
  admit(message: Admissible, now: number): Admitted
  /** Remembers a message of the journal, which was admitted when it was new: no window, no expiry. */
  note(message: Admissible): Admitted
}

export interface AdmissionOptions {
  session: string
  /** How far a timestamp may lie from `now`, either way. */
  windowMs?: number
}

export const WINDOW_MS = 300_000
const DIGEST_BYTES = 32

/**
 * Keeps (session, sender, epoch, seq) unique for the session's life. `verify` has made sure that a message's id is
 * the name of that very place, so ids are unique with it. What is remembered is 32 bytes a message: digests lie in
 * one growing array for each sender and epoch, whose messages arrive almost in order; one that is ahead of a gap
 * waits in a map until the gap closes. A hash that was shortened would let a sender look for two messages with one.
 */
export function createAdmission({ session, windowMs = WINDOW_MS }: AdmissionOptions): Admission {
  const streams = new Map<string, Stream>()

  function streamOf(message: Admissible): Stream {
    const key = `${message.epoch} ${message.sender}`
    let stream = streams.get(key)
    if (stream === undefined) {
      stream = { first: message.seq, count: 0, digests: new Uint8Array(4 * DIGEST_BYTES), apart: new Map() }
      streams.set(key, stream)
    }
    return stream
  }

  function faultOfPlace(message: Admissible): Admitted | undefined {
    if (message.session_id !== session) return refuse('wrong-scope', 'session_id: another session')
    const stream = streams.get(`${message.epoch} ${message.sender}`)
    const known = stream === undefined ? undefined : digestAt(stream, message.seq)
    if (known === undefined) return undefined
    if (equalBytes(known, message.digest)) return refuse('duplicate', 'admitted before')
    return refuse(
      'equivocation',
      `another message of ${message.sender} has epoch ${message.epoch}, seq ${message.seq}`,
    )
  }

  return {
    admit(message, now) {
      // Before the window: a late redelivery is a duplicate, and a late forgery of the past is an equivocation.
      const fault = faultOfPlace(message)
      if (fault !== undefined) return fault
      if (message.timestamp < now - windowMs) return refuse('stale', 'timestamp: too long ago')
      if (message.timestamp > now + windowMs) return refuse('future', 'timestamp: too far ahead')
      if (message.expires_at !== null && message.expires_at <= now)
        return refuse('expired', 'expires_at: passed')
      remember(streamOf(message), message.seq, message.digest)
      return { ok: true }
    },
    note(message) {
      const fault = faultOfPlace(message)
      if (fault !== undefined) return fault
      remember(streamOf(message), message.seq, message.digest)
      return { ok: true }
    },
  }
}

/** The messages of one sender in one epoch. */
interface Stream {
  /** seq of the first digest in `digests`. */
  first: number
  /** Digests in `digests`, of seq `first` to `first + count - 1`. */
  count: number
  digests: Uint8Array
  /** By seq: those before `first` or beyond a gap. */
  apart: Map<number, Uint8Array>
}

function digestAt(stream: Stream, seq: number): Uint8Array | undefined {
  const at = seq - stream.first
  if (at < 0 || at >= stream.count) return stream.apart.get(seq)
  return stream.digests.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES)
}

function remember(stream: Stream, seq: number, digest: Uint8Array): void {
  if (seq !== stream.first + stream.count) {
    stream.apart.set(seq, digest.slice())
    return
  }
  push(stream, digest)
  for (;;) {
    const next = stream.first + stream.count
    const waiting = stream.apart.get(next)
    if (waiting === undefined) return
    stream.apart.delete(next)
    push(stream, waiting)
  }
}

function push(stream: Stream, digest: Uint8Array): void {
  const end = stream.count * DIGEST_BYTES
  if (end === stream.digests.length) {
    const wider = new Uint8Array(2 * end)
    wider.set(stream.digests)
    stream.digests = wider
  }
  stream.digests.set(digest, end)
  stream.count += 1
}

function refuse(code: AdmissionCode, detail: string): Admitted {
  return { ok: false, code, detail }
}
