import { createHash } from 'node:crypto'
import type { Random } from './random.ts'

/** Whose operations these are: a process that is dead gets no answer any more, one that is paused gets it later. */
export interface Owner {
  readonly label: string
  dead: boolean
  pausedUntil: number
}

interface Operation {
  at: number
  /** Decides between operations of the same millisecond; drawn by chance. */
  tie: number
  owner: Owner | null
  what: string
  run: () => void
  cancelled: boolean
}

/** A turn of the event loop, in which every promise that can go on has gone on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Virtual time: runs one operation after the other, in an order that the seed alone decides. */
export class Scheduler {
  /** Virtual epoch ms. */
  now = 1_800_000_000_000
  steps = 0
  idleSteps = 0
  readonly #random: Random
  readonly #heap: Operation[] = []
  readonly #trace = createHash('sha256')
  readonly #log: ((line: string) => void) | null

  constructor(random: Random, log: ((line: string) => void) | null) {
    this.#random = random
    this.#log = log
  }

  /** Runs `run` after `ms`; returns how to call it off. */
  after(ms: number, owner: Owner | null, what: string, run: () => void): () => void {
    const operation = { at: this.now + ms, tie: this.#random.next(), owner, what, run, cancelled: false }
    this.#push(operation)
    return () => {
      operation.cancelled = true
    }
  }

  note(line: string): void {
    this.#trace.update(line)
    this.#log?.(`${this.now} ${line}`)
  }

  /** Runs the next operation; false when there is none. */
  async step(): Promise<boolean> {
    for (let next = this.#pop(); next !== undefined; next = this.#pop()) {
      if (next.cancelled || next.owner?.dead) continue
      if (next.at > this.now) this.now = next.at
      if (next.owner !== null && next.owner.pausedUntil > this.now) {
        next.at = next.owner.pausedUntil
        this.#push(next)
        continue
      }
      this.steps++
      this.note(`${this.now} ${next.owner?.label ?? '-'} ${next.what}`)
      next.run()
      await settle()
      return true
    }
    return false
  }

  /** SHA-256 over everything that happened, to be taken once at the end. */
  digest(): string {
    return this.#trace.digest('hex')
  }

  #push(operation: Operation): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(operation)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Operation
      if (!isBefore(operation, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = operation
  }

  #pop(): Operation | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      const right = heap[child + 1]
      if (right !== undefined && isBefore(right, heap[child] as Operation)) child++
      const lower = heap[child] as Operation
      if (!isBefore(lower, last)) break
      heap[at] = lower
      at = child
    }
    heap[at] = last
    return first
  }
}

function isBefore(one: Operation, other: Operation): boolean {
  return one.at === other.at ? one.tie < other.tie : one.at < other.at
}
