import type { Clock } from '../clock.ts'

/** 1 January 2027, as good as any. */
const BEGINNING = 1_798_761_600_000
/** More turns than any test needs: a world that comes this far runs in a circle. */
const TURNS_MAX = 5_000_000

interface Due {
  at: number
  /** What was scheduled first happens first. */
  order: number
  run(): void
}

/**
 * One seeded scheduler for all processes of a simulation: it owns the time, the order of events and the dice.
 * The same seed brings the same course, to the byte. Time passes only when nothing is left to do.
 */
export class World {
  readonly seed: number
  now = BEGINNING
  turns = 0
  #order = 0
  #state: number
  /** A binary heap by time and order. */
  readonly #due: Due[] = []

  constructor(seed: number) {
    this.seed = seed
    this.#state = seed >>> 0
  }

  /** A number from 0 to 1, 1 excluded (mulberry32). */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 to `count - 1`. */
  pick(count: number): number {
    return Math.floor(this.random() * count)
  }

  chance(probability: number): boolean {
    return probability > 0 && this.random() < probability
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.pick(256))
  }

  schedule(ms: number, run: () => void): void {
    const due = { at: this.now + Math.max(0, ms), order: this.#order++, run }
    const heap = this.#due
    let at = heap.length
    heap.push(due)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Due
      if (!isBefore(due, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = due
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.schedule(ms, resolve))
  }

  /** Lets events happen until the promise is settled. Rejects when nothing is left that could settle it. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const done = promise.finally(() => {
      settled = true
    })
    done.catch(() => undefined)
    for (;;) {
      // Every promise that can go on has gone on when the event loop comes round.
      await new Promise((resolve) => setImmediate(resolve))
      if (settled) return done
      const next = this.#next()
      if (next === undefined) throw new Error(`seed ${this.seed}: nothing is left that could happen`)
      if (++this.turns > TURNS_MAX) throw new Error(`seed ${this.seed}: no end after ${TURNS_MAX} turns`)
      this.now = Math.max(this.now, next.at)
      next.run()
    }
  }

  #next(): Due | undefined {
    const heap = this.#due
    const least = heap[0]
    const last = heap.pop()
    if (heap.length === 0 || last === undefined) return least
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++
      const below = heap[child] as Due
      if (!isBefore(below, last)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
    return least
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** The clock of one process: it may be set, and it stops when the process dies. */
export class WorldClock implements Clock {
  /** How far it is ahead of the world's time, in milliseconds. */
  skewMs = 0
  readonly #world: World
  readonly #isDead: () => boolean

  constructor(world: World, isDead: () => boolean = () => false) {
    this.#world = world
    this.#isDead = isDead
  }

  now(): number {
    return Math.floor(this.#world.now) + this.skewMs
  }

  after(ms: number, callback: () => void): () => void {
    let cancelled = false
    this.#world.schedule(ms, () => {
      if (!cancelled && !this.#isDead()) callback()
    })
    return () => {
      cancelled = true
    }
  }

  yield(): Promise<void> {
    return new Promise((resolve) => this.after(0, resolve))
  }
}
