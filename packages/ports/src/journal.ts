/** One line of a session's journal: `body` is the canonical JSON of the entry, `hash` its link in the chain. */
export interface JournalEntry {
  /** Position in the session, from 0, without gaps. */
  seq: number
  /** Lower-case hex; see `chainHash` in the protocol package. The journal stores it and never computes it. */
  hash: string
  body: string
}

export interface SessionHead {
  session: string
  /** Number of entries. */
  length: number
  /** Epoch ms of creation. */
  createdAt: number
}

/** The append-only logs of all sessions. It is the only truth, and its head is the fence. */
export interface Journal {
  /**
   * Appends all entries or none, durably: when it resolves they survive power loss. Rejects with `conflict`
   * when the session's length is not `entries[0].seq`: another owner was faster, and the caller must stop. An
   * append whose acknowledgement was lost must be read back before it is tried again. Rejects with `invalid` when
   * there is nothing to append, when the entries' seqs have a gap, or when a hash or a body could not be stored as
   * it is.
   */
  append(session: string, entries: readonly JournalEntry[], signal?: AbortSignal): Promise<void>

  /**
   * Entries from `fromSeq` on, in order, up to the end as it is when the last is read. An unknown session has none.
   * Rejects with `corrupt` when an entry is missing. No lock is held while the caller works on an entry.
   */
  read(session: string, fromSeq?: number, signal?: AbortSignal): AsyncIterable<JournalEntry>

  length(session: string, signal?: AbortSignal): Promise<number>

  /** Newest first. */
  list(signal?: AbortSignal): Promise<SessionHead[]>

  close(): Promise<void>
}
