import type { Delivery, MessageBus, Outgoing, ReceiveOptions } from '@infrafabric/ports'
import { call, type Surroundings } from './ports.ts'
import type { Program } from './process.ts'

interface Stored {
  id: string
  group: string
  body: string
  visibleAt: number
  /** Handed out and not yet acknowledged. */
  isOut: boolean
  receives: number
  receipt: string
}

interface Waiter {
  receiver: Program
  options: ReceiveOptions
  give(deliveries: Delivery[]): void
}

interface Queue {
  messages: Stored[]
  seen: Map<string, number>
  waiters: Waiter[]
}

const RECEIVES_MAX = 5
const REMEMBER_MS = 300_000
const HOUR_MS = 3_600_000

/** Queues that lose, repeat, delay and reorder messages. What is in them survives any crash of a process. */
export class Bus {
  readonly #around: Surroundings
  readonly #queues = new Map<string, Queue>()
  #receipts = 0

  constructor(around: Surroundings) {
    this.#around = around
  }

  /** The port as one program sees it. */
  of(caller: Program): MessageBus {
    const around = this.#around
    return {
      bodyBytesMax: 262_144,
      receivesMax: RECEIVES_MAX,
      send: (messages) =>
        call(around, caller, `send ${messages.length}`, (done) => {
          for (const message of messages) this.post(message)
          done(() => undefined)
        }),
      receive: (queue, options) => this.#receive(caller, queue, options),
      acknowledge: (deliveries) =>
        call(around, caller, `acknowledge ${deliveries.length}`, (done) => {
          for (const { queue, receipt } of deliveries) this.#drop(queue, receipt)
          done(() => undefined)
        }),
      release: (deliveries, delayMs) =>
        call(around, caller, `release ${deliveries.length}`, (done) => {
          for (const { queue, receipt } of deliveries) this.#release(queue, receipt, delayMs)
          done(() => undefined)
        }),
      deadLetters: async () => [],
      redrive: async () => 0,
      purge: (queue) =>
        call(around, caller, `purge ${queue}`, (done) => {
          this.#queue(queue).messages = []
          done(() => undefined)
        }),
      close: async () => {},
    }
  }

  /** Puts a message in its queue, as far as the network lets it. */
  post(message: Outgoing): void {
    const { faults, random, scheduler } = this.#around
    if (faults.fires('drop')) return
    const queue = this.#queue(message.queue)
    const until = queue.seen.get(message.id) ?? 0
    if (until > scheduler.now) return
    queue.seen.set(message.id, scheduler.now + REMEMBER_MS)
    this.#enqueue(message, faults.fires('delay') ? random.between(100, 120_000) : 0)
    if (faults.fires('duplicate')) this.#enqueue(message, random.between(0, 10_000))
    if (faults.fires('late-duplicate'))
      this.#enqueue(message, Math.floor(random.scale(HOUR_MS, 300 * HOUR_MS)))
  }

  #enqueue(message: Outgoing, delayMs: number): void {
    const { scheduler, random, faults } = this.#around
    const arrive = (): void => {
      const { messages } = this.#queue(message.queue)
      const { id, group, body } = message
      const stored = { id, group, body, visibleAt: 0, isOut: false, receives: 0, receipt: '' }
      if (messages.length > 0 && faults.fires('reorder')) {
        messages.splice(random.between(0, messages.length - 1), 0, stored)
      } else messages.push(stored)
      this.#wake(message.queue)
    }
    if (delayMs === 0) arrive()
    else scheduler.after(delayMs, null, `arrives ${message.id}`, arrive)
  }

  #receive(receiver: Program, name: string, options: ReceiveOptions): Promise<Delivery[]> {
    const { signal } = options
    const { scheduler } = this.#around
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason)
        return
      }
      const abort = (): void => reject(signal?.reason)
      signal?.addEventListener('abort', abort, { once: true })
      const finish = (settle: () => void): void => {
        signal?.removeEventListener('abort', abort)
        settle()
      }
      const answered = call<Delivery[]>(this.#around, receiver, 'receive', (done) => {
        const taken = this.#take(name, options)
        if (taken.length > 0 || options.waitMs <= 0) {
          done(() => taken)
          return
        }
        const { waiters } = this.#queue(name)
        const waiter: Waiter = {
          receiver,
          options,
          give: (deliveries) => {
            cancel()
            waiters.splice(waiters.indexOf(waiter), 1)
            done(() => deliveries)
          },
        }
        const cancel = scheduler.after(options.waitMs, null, 'long poll ends', () => {
          scheduler.idleSteps += 3
          waiter.give([])
        })
        waiters.push(waiter)
      })
      answered.then(
        (deliveries) => finish(() => resolve(deliveries)),
        (error) => finish(() => reject(error)),
      )
    })
  }

  #wake(name: string): void {
    for (const waiter of [...this.#queue(name).waiters]) {
      if (waiter.receiver.dead || waiter.options.signal?.aborted) {
        waiter.give([])
        continue
      }
      const taken = this.#take(name, waiter.options)
      if (taken.length === 0) return
      waiter.give(taken)
    }
  }

  #take(name: string, options: ReceiveOptions): Delivery[] {
    const { scheduler, faults } = this.#around
    const { now } = scheduler
    const queue = this.#queue(name)
    const blocked = new Set<string>()
    const deliveries: Delivery[] = []
    for (const message of queue.messages) {
      if (deliveries.length >= options.max) break
      if (blocked.has(message.group)) continue
      if (message.isOut && message.visibleAt > now) {
        if (!faults.fires('reorder')) blocked.add(message.group)
        continue
      }
      if (message.receives >= RECEIVES_MAX) continue
      message.receives++
      message.isOut = true
      message.visibleAt = now + options.visibilityMs
      message.receipt = `${++this.#receipts}`
      const { id, body, receives, receipt } = message
      deliveries.push({ queue: name, id, body, receives, receipt })
    }
    if (deliveries.length > 0) {
      scheduler.after(options.visibilityMs, null, 'visible again', () => this.#wake(name))
      queue.messages = queue.messages.filter((message) => message.isOut || message.receives < RECEIVES_MAX)
    }
    return deliveries
  }

  #drop(name: string, receipt: string): void {
    const queue = this.#queue(name)
    const before = queue.messages.length
    queue.messages = queue.messages.filter((message) => message.receipt !== receipt)
    if (queue.messages.length < before) this.#wake(name)
  }

  #release(name: string, receipt: string, delayMs: number): void {
    const { scheduler } = this.#around
    const message = this.#queue(name).messages.find((known) => known.receipt === receipt)
    if (message === undefined) return
    message.visibleAt = scheduler.now + delayMs
    scheduler.after(delayMs, null, 'released', () => this.#wake(name))
  }

  #queue(name: string): Queue {
    let queue = this.#queues.get(name)
    if (queue === undefined) {
      queue = { messages: [], seen: new Map(), waiters: [] }
      this.#queues.set(name, queue)
    }
    return queue
  }
}
