import type { Delivery, ReceiveOptions } from '@infrafabric/ports'
import type { LocalQueues } from './local-queues.ts'

/** How soon a message of another process is seen. */
const pollMs = 25

interface Waiter {
  options: ReceiveOptions
  settle(deliveries: Delivery[]): void
  fail(error: unknown): void
}

/** Receivers that wait, in the order they came. One timer serves them all, and none runs while nobody waits. */
export class LongPolls {
  readonly #queues: LocalQueues
  readonly #waiting = new Map<string, Set<Waiter>>()
  #timer: NodeJS.Timeout | undefined
  #seenVersion: unknown

  constructor(queues: LocalQueues) {
    this.#queues = queues
  }

  wait(queue: string, options: ReceiveOptions): Promise<Delivery[]> {
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(deadline)
        options.signal?.removeEventListener('abort', abort)
        this.#forget(queue, waiter)
      }
      const waiter: Waiter = {
        options,
        settle: (deliveries) => {
          done()
          resolve(deliveries)
        },
        fail: (error) => {
          done()
          reject(error)
        },
      }
      const abort = () => waiter.fail(options.signal?.reason)
      const deadline = setTimeout(() => waiter.settle([]), options.waitMs)
      options.signal?.addEventListener('abort', abort)
      const waiting = this.#waiting.get(queue) ?? new Set()
      this.#waiting.set(queue, waiting.add(waiter))
      this.#timer ??= setInterval(() => this.#poll(), pollMs)
    })
  }

  /** Serves those who wait on this queue, first come first served, until nothing is left. */
  wake(queue: string): void {
    for (const waiter of this.#waiting.get(queue) ?? []) {
      try {
        const deliveries = this.#queues.take(queue, waiter.options)
        if (deliveries.length === 0) return
        waiter.settle(deliveries)
      } catch (error) {
        waiter.fail(error)
      }
    }
  }

  /** Everybody gets nothing. */
  close(): void {
    for (const waiters of this.#waiting.values()) for (const waiter of waiters) waiter.settle([])
  }

  #poll(): void {
    try {
      // Changes only when another connection committed.
      const version = this.#queues.version()
      const changed = version !== this.#seenVersion
      this.#seenVersion = version
      for (const queue of this.#waiting.keys()) {
        if (changed || this.#queues.hasExpired(queue)) this.wake(queue)
      }
    } catch (error) {
      for (const waiters of this.#waiting.values()) for (const waiter of waiters) waiter.fail(error)
    }
  }

  #forget(queue: string, waiter: Waiter): void {
    const waiting = this.#waiting.get(queue)
    waiting?.delete(waiter)
    if (waiting?.size === 0) this.#waiting.delete(queue)
    if (this.#waiting.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
