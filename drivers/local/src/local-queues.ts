import { type DeadLetter, type Delivery, DriverError, type Outgoing } from '@infrafabric/ports'
import { codeOf } from './errors.ts'
import { type MessageQueues, rememberMs, type TakeOptions } from './message-queues.ts'
import { ProcessQueues } from './process-queues.ts'

/** After its last receive a queue counts as attended for this long. */
const attendedMs = 2_000

/**
 * What this process sends to a queue that it also receives from stays in its memory; all else goes through the
 * shared file. A group is in memory only while the file holds nothing of it, and what the file gets later waits for
 * it, so order is kept. When nobody receives any more, and on close, what is left moves to the file.
 */
export class LocalQueues {
  readonly #shared: MessageQueues
  readonly #own: ProcessQueues
  readonly #now: () => number
  readonly #attendance = new Map<string, { receivers: number; until: number }>()
  #lapse: NodeJS.Timeout | undefined

  constructor(shared: MessageQueues, settings: { now: () => number; receivesMax: number }) {
    this.#shared = shared
    this.#own = new ProcessQueues(settings)
    this.#now = settings.now
  }

  /** Says that somebody receives, until the function it returns is called. */
  attend(queue: string): () => void {
    const attendance = this.#attendance.get(queue) ?? { receivers: 0, until: 0 }
    this.#attendance.set(queue, attendance)
    attendance.receivers += 1
    return () => {
      attendance.receivers -= 1
      attendance.until = performance.now() + attendedMs
    }
  }

  /** All messages or none. */
  send(messages: readonly Outgoing[]): void {
    const shared: Outgoing[] = []
    const own: Outgoing[] = []
    const touched = new Map<string, boolean>()
    for (const message of messages) {
      const { queue, group, id } = message
      if (!this.#isAttended(queue) && !this.#own.holds(queue, group)) {
        if (!this.#own.isRemembered(queue, id)) shared.push(message)
        continue
      }
      const look = touched.get(queue) ?? this.#shared.isTouched(queue)
      touched.set(queue, look)
      if (look && this.#shared.holds(queue, group)) {
        if (!this.#own.isRemembered(queue, id)) shared.push(message)
      } else if (!look || !this.#shared.isRemembered(queue, id)) own.push(message)
    }
    if (shared.length > 0) this.#shared.send(shared)
    const until = this.#now() + rememberMs
    for (const message of own) {
      if (this.#own.remember(message.queue, message.id, until)) this.#own.add(message)
    }
    if (own.length > 0) this.#lapse ??= setTimeout(() => this.#watch(), attendedMs).unref()
  }

  /** What the file holds is older, or of another process, and comes first. */
  take(queue: string, options: TakeOptions): Delivery[] {
    const { max } = options
    if (!Number.isSafeInteger(max) || max < 1) {
      throw new DriverError('invalid', 'receive', `${max} messages cannot be received: ask for 1 or more.`)
    }
    const deliveries = this.#shared.take(queue, options, (group) => this.#own.holds(queue, group))
    while (deliveries.length < max) {
      const own = this.#own.take(queue, { ...options, max: max - deliveries.length })
      if (own.dead.length > 0) this.#shared.adoptDead(queue, own.dead)
      for (const delivery of own.deliveries) deliveries.push(delivery)
      // When all that was there went to the dead letters there may be living ones behind.
      if (own.deliveries.length === 0 && own.dead.length === 0) break
    }
    return deliveries
  }

  acknowledge(deliveries: readonly Delivery[]): void {
    const { own, shared } = sort(deliveries)
    if (shared.length > 0) this.#shared.acknowledge(shared)
    this.#own.acknowledge(own)
  }

  release(deliveries: readonly Delivery[], delayMs: number): void {
    const { own, shared } = sort(deliveries)
    if (shared.length > 0) this.#shared.release(shared, delayMs)
    this.#own.release(own, delayMs)
  }

  deadLetters(queue: string): DeadLetter[] {
    this.#bury(queue)
    return this.#shared.deadLetters(queue)
  }

  redrive(queue: string): number {
    this.#bury(queue)
    // To the end of the queue: what waits in memory is before them.
    this.#handOver(queue, false)
    return this.#shared.redrive(queue)
  }

  purge(queue: string): void {
    this.#own.purge(queue)
    this.#shared.purge(queue)
  }

  /** Changes when another process commits. */
  version(): unknown {
    return this.#shared.version()
  }

  /** True when a delivery or a delay has ended since the last `take`. */
  hasExpired(queue: string): boolean {
    return this.#own.hasExpired(queue) || this.#shared.hasExpired(queue)
  }

  /** Leaves what is still here to other processes. */
  close(): void {
    clearTimeout(this.#lapse)
    for (const queue of this.#own.names()) this.#tryHandOver(queue, true)
  }

  #bury(queue: string): void {
    const dead = this.#own.takeDead(queue)
    if (dead.length > 0) this.#shared.adoptDead(queue, dead)
  }

  /** Moves what nobody here receives any more to where other processes can. */
  #watch(): void {
    this.#lapse = undefined
    for (const queue of this.#own.names()) if (!this.#isAttended(queue)) this.#tryHandOver(queue, false)
    if (!this.#own.isEmpty) this.#lapse = setTimeout(() => this.#watch(), attendedMs).unref()
  }

  #handOver(queue: string, all: boolean): void {
    const messages = this.#own.waiting(queue, all)
    if (messages.length === 0) return
    this.#shared.adopt(queue, messages)
    this.#own.dropWaiting(queue, all)
  }

  /** Nobody waits for the outcome: when the disk is full, what was not moved may be lost like any delivery. */
  #tryHandOver(queue: string, all: boolean): void {
    try {
      this.#handOver(queue, all)
    } catch (error) {
      if (!codeOf(error).startsWith('SQLITE_')) throw error
    }
  }

  #isAttended(queue: string): boolean {
    const attendance = this.#attendance.get(queue)
    return attendance !== undefined && (attendance.receivers > 0 || performance.now() < attendance.until)
  }
}

function sort(deliveries: readonly Delivery[]): { own: string[]; shared: Delivery[] } {
  const own: string[] = []
  const shared: Delivery[] = []
  for (const delivery of deliveries) {
    if (ProcessQueues.isReceipt(delivery.receipt)) own.push(delivery.receipt)
    else shared.push(delivery)
  }
  return { own, shared }
}
