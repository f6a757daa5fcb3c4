import { DriverError, type Journal, type JournalEntry, type SessionHead } from '@infrafabric/ports'

/** A journal that outlives the processes of a simulation. */
export class MemoryJournal implements Journal {
  readonly #sessions = new Map<string, { createdAt: number; entries: JournalEntry[] }>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  async append(session: string, entries: readonly JournalEntry[], signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const [first] = entries
    if (first === undefined || session === '')
      throw new DriverError('invalid', 'append', 'there is nothing to append')
    const known = this.#sessions.get(session)?.entries ?? []
    for (const [i, entry] of entries.entries()) {
      if (!Number.isSafeInteger(entry.seq) || entry.seq < 0 || entry.seq !== first.seq + i)
        throw new DriverError('invalid', 'append', 'the entries have a gap')
      if (!/^[0-9a-f]{64}$/.test(entry.hash) || !entry.body.isWellFormed()) {
        throw new DriverError('invalid', 'append', 'an entry cannot be stored as it is')
      }
    }
    if (first.seq !== known.length) {
      throw new DriverError('conflict', 'append', `the session has ${known.length} entries, not ${first.seq}`)
    }
    if (known.length === 0) this.#sessions.set(session, { createdAt: this.#now(), entries: known })
    for (const entry of entries) known.push({ ...entry })
  }

  async *read(session: string, fromSeq = 0, signal?: AbortSignal): AsyncGenerator<JournalEntry> {
    signal?.throwIfAborted()
    const entries = this.#sessions.get(session)?.entries ?? []
    for (let seq = fromSeq; seq < entries.length; seq++) {
      signal?.throwIfAborted()
      yield { ...(entries[seq] as JournalEntry) }
    }
  }

  async length(session: string, signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted()
    return this.#sessions.get(session)?.entries.length ?? 0
  }

  async list(signal?: AbortSignal): Promise<SessionHead[]> {
    signal?.throwIfAborted()
    const heads = [...this.#sessions].map(([session, { createdAt, entries }]) => ({
      session,
      length: entries.length,
      createdAt,
    }))
    return heads.reverse().sort((a, b) => b.createdAt - a.createdAt)
  }

  async close(): Promise<void> {}
}
