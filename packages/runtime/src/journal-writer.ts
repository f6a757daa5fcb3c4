import { DriverError, type Journal, type JournalEntry } from '@infrafabric/ports'
import {
  canonicalize,
  chainHash,
  EncodingRoom,
  type Json,
  type Primitives,
  type Sha256,
} from '@infrafabric/protocol'
import type { Entry } from '@infrafabric/session'

/** Appends to one session's journal and keeps its chain. After a rejection it must not be used again. */
export class JournalWriter {
  readonly #journal: Journal
  readonly #session: string
  readonly #primitives: Primitives
  #length: number
  #hash: Sha256

  constructor(
    journal: Journal,
    session: string,
    head: { length: number; hash: Sha256 },
    primitives: Primitives,
  ) {
    this.#journal = journal
    this.#session = session
    this.#primitives = primitives
    this.#length = head.length
    this.#hash = head.hash
  }

  get head(): { length: number; hash: Sha256 } {
    return { length: this.#length, hash: this.#hash }
  }

  /** All or none, durably. Rejects with `conflict` when another coordinator has taken the session over. */
  async append(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return
    let { length, hash } = this.head
    const rows: JournalEntry[] = []
    const room = new EncodingRoom()
    for (const entry of entries) {
      const body = canonicalize(entry as unknown as Json)
      hash = chainHash(hash, body, this.#primitives, room)
      rows.push({ seq: length++, hash, body })
    }
    try {
      await this.#journal.append(this.#session, rows)
    } catch (error) {
      if (!(await this.#isOurs(error, rows))) throw error
    }
    this.#length = length
    this.#hash = hash
  }

  /** An append whose acknowledgement was lost meets its own entries when it is read back. */
  async #isOurs(error: unknown, rows: readonly JournalEntry[]): Promise<boolean> {
    if (!(error instanceof DriverError) || (error.code !== 'conflict' && error.code !== 'unavailable'))
      return false
    const last = rows[rows.length - 1] as JournalEntry
    for await (const row of this.#journal.read(this.#session, last.seq)) return row.hash === last.hash
    return false
  }
}
