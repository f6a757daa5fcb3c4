import {
  type DeadLetter,
  type Delivery,
  DriverError,
  type MessageBus,
  type Outgoing,
  type ReceiveOptions,
} from '@infrafabric/ports'
import type { Clock } from '../clock.ts'

const REMEMBERED_MS = 300_000

interface Parcel extends Outgoing {
  receives: number
  /** Handed out, or held back, until then. */
  hiddenUntil: number
  handedOut: boolean
}

interface Queue {
  parcels: Parcel[]
  dead: Parcel[]
  seen: Map<string, number>
  waiting: Set<() => void>
}

/** A bus that outlives the processes of a simulation. It keeps the order of a group; faults are put around it. */
export class MemoryBus implements MessageBus {
  readonly bodyBytesMax = 262_144
  readonly receivesMax: number
  readonly #clock: Clock
  readonly #queues = new Map<string, Queue>()
  #closed = false

  constructor(clock: Clock, receivesMax = 5) {
    this.#clock = clock
    this.receivesMax = receivesMax
  }

  async send(messages: readonly Outgoing[], signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const now = this.#clock.now()
    for (const { id, body } of messages) {
      if (Buffer.byteLength(body) > this.bodyBytesMax)
        throw new DriverError('too-large', 'send', `message ${id} is larger than the bus can carry`)
    }
    for (const message of messages) {
      const queue = this.#of(message.queue)
      if ((queue.seen.get(message.id) ?? 0) > now) continue
      queue.seen.set(message.id, now + REMEMBERED_MS)
      queue.parcels.push({ ...message, receives: 0, hiddenUntil: 0, handedOut: false })
    }
    for (const name of new Set(messages.map(({ queue }) => queue))) this.#wake(name)
  }

  async receive(name: string, options: ReceiveOptions): Promise<Delivery[]> {
    const { signal, max, waitMs } = options
    signal?.throwIfAborted()
    if (!Number.isSafeInteger(max) || max < 1)
      throw new DriverError('invalid', 'receive', 'ask for 1 message or more')
    const deliveries = this.#take(name, options)
    if (deliveries.length > 0 || waitMs <= 0 || this.#closed) return deliveries
    return new Promise((resolve, reject) => {
      const queue = this.#of(name)
      const end = (): void => {
        disarm()
        queue.waiting.delete(wake)
        signal?.removeEventListener('abort', abort)
      }
      const wake = (): void => {
        const taken = this.#take(name, options)
        if (taken.length === 0 && !this.#closed) return
        end()
        resolve(taken)
      }
      const abort = (): void => {
        end()
        reject(signal?.reason)
      }
      const disarm = this.#clock.after(waitMs, () => {
        end()
        resolve(this.#take(name, options))
      })
      queue.waiting.add(wake)
      signal?.addEventListener('abort', abort)
    })
  }

  async acknowledge(deliveries: readonly Delivery[]): Promise<void> {
    for (const delivery of deliveries) {
      const queue = this.#of(delivery.queue)
      const parcel = currentOf(queue, delivery)
      if (parcel !== undefined) queue.parcels.splice(queue.parcels.indexOf(parcel), 1)
    }
    for (const name of new Set(deliveries.map(({ queue }) => queue))) this.#wake(name)
  }

  async release(deliveries: readonly Delivery[], delayMs: number): Promise<void> {
    for (const delivery of deliveries) {
      const parcel = currentOf(this.#of(delivery.queue), delivery)
      if (parcel === undefined) continue
      parcel.hiddenUntil = delayMs > 0 ? this.#clock.now() + delayMs : 0
      parcel.handedOut = false
    }
    for (const name of new Set(deliveries.map(({ queue }) => queue))) this.#wake(name)
  }

  async deadLetters(name: string): Promise<DeadLetter[]> {
    const queue = this.#of(name)
    this.#bury(queue)
    return queue.dead.map(({ id, body, receives }) => ({ queue: name, id, body, receives }))
  }

  async redrive(name: string): Promise<number> {
    const queue = this.#of(name)
    this.#bury(queue)
    const letters = queue.dead.splice(0)
    for (const letter of letters)
      queue.parcels.push({ ...letter, receives: 0, hiddenUntil: 0, handedOut: false })
    this.#wake(name)
    return letters.length
  }

  async purge(name: string): Promise<void> {
    const queue = this.#of(name)
    queue.parcels.length = 0
    queue.dead.length = 0
    queue.seen.clear()
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const name of this.#queues.keys()) this.#wake(name)
  }

  #take(name: string, { max, visibilityMs }: ReceiveOptions): Delivery[] {
    const queue = this.#of(name)
    this.#bury(queue)
    const now = this.#clock.now()
    const blocked = new Set(
      queue.parcels.filter(({ hiddenUntil }) => hiddenUntil > now).map(({ group }) => group),
    )
    const taken = queue.parcels.filter(({ group }) => !blocked.has(group)).slice(0, max)
    return taken.map((parcel) => {
      parcel.receives++
      parcel.hiddenUntil = now + visibilityMs
      parcel.handedOut = true
      const { id, body, receives } = parcel
      return { queue: name, id, body, receives, receipt: String(receives) }
    })
  }

  #bury(queue: Queue): void {
    const now = this.#clock.now()
    const doomed = queue.parcels.filter((p) => p.receives >= this.receivesMax && p.hiddenUntil <= now)
    if (doomed.length === 0) return
    queue.parcels = queue.parcels.filter((parcel) => !doomed.includes(parcel))
    queue.dead.push(...doomed)
  }

  #wake(name: string): void {
    for (const wake of [...this.#of(name).waiting]) wake()
  }

  #of(name: string): Queue {
    let queue = this.#queues.get(name)
    if (queue === undefined) {
      queue = { parcels: [], dead: [], seen: new Map(), waiting: new Set() }
      this.#queues.set(name, queue)
    }
    return queue
  }
}

function currentOf(queue: Queue, { id, receipt }: Delivery): Parcel | undefined {
  return queue.parcels.find((p) => p.id === id && p.handedOut && String(p.receives) === receipt)
}
