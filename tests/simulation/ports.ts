import { DriverError, type Journal, type ObjectStore } from '@infrafabric/ports'
import type { Clock } from '@infrafabric/runtime'
import type { Disk } from './disk.ts'
import type { Faults } from './faults.ts'
import type { Program } from './process.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

export interface Surroundings {
  random: Random
  scheduler: Scheduler
  faults: Faults
}

const NETWORK_TIMEOUT_MS = 5_000
const PAGE_ROWS = 64

/** How long the next leg of a call takes. */
export function legMs({ random, faults }: Surroundings): number {
  return faults.fires('slow-call') ? random.between(50, 15_000) : random.between(0, 3)
}

/**
 * A call of a port: on its way, in effect, on its way back. Any of the three may be the last thing its program
 * lives to see, and each leg may lose it. `effect` says by `done` when it is through, which may be later.
 */
export function call<T>(
  around: Surroundings,
  caller: Program,
  what: string,
  effect: (done: (answer: () => T) => void) => void,
): Promise<T> {
  const { random, scheduler, faults } = around
  return new Promise((resolve, reject) => {
    function fail(): void {
      scheduler.after(NETWORK_TIMEOUT_MS, caller, `${what} times out`, () =>
        reject(new DriverError('unavailable', what, `${what}: no answer`)),
      )
    }
    const way = partitionOf(caller, scheduler.now)
    scheduler.after(legMs(around), null, `${caller.label} ${what}`, () => {
      // Of a process that was killed, some requests were on the wire already.
      if (caller.unpowered || (caller.dead && random.chance(0.5))) return
      if (way === 'out' || faults.fires('lost-request')) {
        fail()
        return
      }
      effect((answer) => {
        if (way === 'in' || faults.fires('lost-answer')) {
          fail()
          return
        }
        scheduler.after(legMs(around), caller, `${what} answered`, () => {
          try {
            resolve(answer())
          } catch (error) {
            reject(error)
          }
        })
      })
    })
  })
}

function partitionOf(caller: Program, now: number): 'in' | 'out' | null {
  return caller.partition !== null && caller.partition.until > now ? caller.partition.way : null
}

export function simulatedClock({ scheduler }: Surroundings, owner: Program): Clock {
  return {
    now: () => scheduler.now + owner.clockOffset,
    after: (ms, callback) => scheduler.after(ms, owner, 'timer', callback),
    yield: () => new Promise((resolve) => scheduler.after(0, owner, 'yield', resolve)),
  }
}

export function simulatedJournal(around: Surroundings, caller: Program, disk: Disk): Journal {
  return {
    append: (session, entries) =>
      call(around, caller, `append ${entries[0]?.seq}+${entries.length}`, (done) =>
        disk.append(session, entries, caller, done),
      ),
    async *read(session, fromSeq = 0) {
      for (let from = fromSeq; ; ) {
        const page = await call<ReturnType<Disk['rows']>>(around, caller, `read ${from}`, (done) => {
          const rows = disk.rows(session, from, PAGE_ROWS)
          done(() => rows)
        })
        if (page.length === 0) return
        yield* page
        from += page.length
      }
    },
    length: (session) =>
      call(around, caller, 'length', (done) => {
        const { length } = disk.rows(session, 0, Number.POSITIVE_INFINITY)
        done(() => length)
      }),
    list: async () => [],
    close: async () => {},
  }
}

export function simulatedObjects(around: Surroundings, caller: Program, disk: Disk): ObjectStore {
  return {
    bodyBytesMax: 100_000_000,
    put: (key, body) =>
      call(around, caller, `put ${key}`, (done) => disk.put(key, body.slice(), caller, done)),
    get: (key) =>
      call(around, caller, `get ${key}`, (done) => {
        const body = disk.object(key)
        done(() => {
          if (body === null) throw new DriverError('not-found', 'get', `no object ${key}`)
          return body
        })
      }),
    has: (key) =>
      call(around, caller, `has ${key}`, (done) => {
        const known = disk.object(key) !== null
        done(() => known)
      }),
    async *list(prefix) {
      yield* await call<string[]>(around, caller, `list ${prefix}`, (done) => {
        const keys = disk.keys(prefix)
        done(() => keys)
      })
    },
  }
}
