import { DriverError, type JournalEntry } from '@infrafabric/ports'
import type { Surroundings } from './ports.ts'
import type { Program } from './process.ts'

export interface DiskOptions {
  /** Off: writes are acknowledged before they are on the platters. A control. */
  sync: boolean
  /** Off: an append is taken whatever the journal's length. A control. */
  fence: boolean
}

interface DiskObject {
  body: Uint8Array
  durable: boolean
}

/** A write that is not known to have reached the platters. */
interface Underway {
  writer: Program
  /** Power is lost, or the writer is killed: what is left of it is all there, or nothing. */
  survive(): void
}

const WRITEBACK_MS = 5_000

/** Journal and objects of one machine (or one region's database): what is synced stays, everything else may go. */
export class Disk {
  readonly #around: Surroundings
  readonly #options: DiskOptions
  readonly #journal: JournalEntry[] = []
  #durableRows = 0
  readonly #objects = new Map<string, DiskObject>()
  readonly #underway = new Set<Underway>()
  /** Rows that were acknowledged, by seq; objects likewise, by key. */
  readonly ackedRows: string[] = []
  readonly ackedObjects = new Map<string, Uint8Array>()
  readonly #onCommit: (rows: readonly JournalEntry[], writer: Program) => void

  constructor(
    around: Surroundings,
    options: DiskOptions,
    onCommit: (rows: readonly JournalEntry[], writer: Program) => void,
  ) {
    this.#around = around
    this.#options = options
    this.#onCommit = onCommit
  }

  rows(_session: string, from: number, max: number): JournalEntry[] {
    return this.#journal.slice(from, from + max)
  }

  get length(): number {
    return this.#journal.length
  }

  /** Somebody whose write has not reached the platters; null: nobody's. */
  get writer(): Program | null {
    for (const { writer } of this.#underway) return writer
    return null
  }

  object(key: string): Uint8Array | null {
    return this.#objects.get(key)?.body ?? null
  }

  keys(prefix: string): string[] {
    return [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort()
  }

  append(
    session: string,
    rows: readonly JournalEntry[],
    writer: Program,
    done: (answer: () => void) => void,
  ): void {
    if (this.#isFull(done)) return
    const commit = (): boolean => {
      if (this.#options.fence && rows[0]?.seq !== this.#journal.length) return false
      this.#journal.push(...rows)
      this.#onCommit(rows, writer)
      return true
    }
    const finish = (): void => {
      if (!commit()) {
        done(() => {
          throw new DriverError('conflict', 'append', `session "${session}" has another length`)
        })
        return
      }
      const length = this.#journal.length
      if (this.#options.sync) this.#durableRows = length
      else this.#writeBack(() => (this.#durableRows = Math.max(this.#durableRows, length)))
      const acknowledge = (): void => {
        for (const row of rows) this.ackedRows[row.seq] = row.hash
      }
      done(acknowledge)
    }
    const survive = (): void => {
      if (commit()) this.#durableRows = this.#journal.length
    }
    this.#sync({ writer, survive }, finish)
  }

  put(key: string, body: Uint8Array, writer: Program, done: (answer: () => void) => void): void {
    if (this.#isFull(done)) return
    const link = (): boolean => {
      const known = this.#objects.get(key)
      if (known === undefined) this.#objects.set(key, { body, durable: false })
      return known === undefined || Buffer.compare(known.body, body) === 0
    }
    const settle = (): void => {
      const known = this.#objects.get(key)
      if (known !== undefined) known.durable = true
    }
    const acknowledge = (): void => {
      this.ackedObjects.set(key, body)
    }
    const content = {
      writer,
      survive: () => {
        link()
        settle()
      },
    }
    this.#sync(content, () => {
      if (!link()) {
        done(() => {
          throw new DriverError('conflict', 'put', `${key} holds other bytes`)
        })
      } else if (!this.#options.sync) {
        this.#writeBack(settle)
        done(acknowledge)
      } else {
        // The name is visible; it is durable once its folder is synced.
        this.#sync({ writer, survive: settle }, () => {
          settle()
          done(acknowledge)
        })
      }
    })
  }

  /** All processes are dead. What was not synced is lost, torn, or by luck still there. */
  losePower(): void {
    const { random, faults } = this.#around
    for (const write of this.#underway) {
      if (random.chance(0.4)) write.survive()
      else faults.count(random.chance(0.3) ? 'torn-write' : 'lost-write')
    }
    this.#underway.clear()
    for (const [key, object] of this.#objects) {
      if (object.durable || random.chance(0.3)) object.durable = true
      else {
        this.#objects.delete(key)
        faults.count('lost-write')
      }
    }
    if (this.#durableRows < this.#journal.length) {
      // A torn row fails its checksum, and the journal ends before it.
      this.#journal.length = random.between(this.#durableRows, this.#journal.length)
      faults.count('torn-write')
    }
    this.#durableRows = this.#journal.length
  }

  /** Its unfinished writes are in the page cache or not. */
  abandon(writer: Program): void {
    for (const write of [...this.#underway]) {
      if (write.writer !== writer) continue
      this.#underway.delete(write)
      if (this.#around.random.chance(0.5)) write.survive()
    }
  }

  #sync(write: Underway, then: () => void): void {
    const { scheduler, random } = this.#around
    this.#underway.add(write)
    scheduler.after(random.between(0, 5), null, `${write.writer.label} sync`, () => {
      if (this.#underway.delete(write)) then()
    })
  }

  #writeBack(then: () => void): void {
    this.#around.scheduler.after(WRITEBACK_MS, null, 'writeback', then)
  }

  #isFull(done: (answer: () => void) => void): boolean {
    if (!this.#around.faults.fires('disk-full')) return false
    done(() => {
      throw new DriverError('full', 'write', 'no space left on the disk')
    })
    return true
  }
}
