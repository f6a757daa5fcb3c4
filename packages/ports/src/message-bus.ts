export interface Outgoing {
  /** A queue's name: `<session>/agents/<epoch>` or `<session>/coordinator`. */
  queue: string
  /** Order is kept within a group; messages of one group are never delivered at the same time. */
  group: string
  /** Sending the same id to the same queue again is dropped while the first is remembered (at least 5 minutes). */
  id: string
  body: string
}

export interface Delivery {
  queue: string
  id: string
  body: string
  /** How often it was handed out, this time included. */
  receives: number
  /** Opaque; changes with every delivery. */
  receipt: string
}

export interface ReceiveOptions {
  /** At most this many. */
  max: number
  /** How long to wait for the first one. 0 returns at once. */
  waitMs: number
  /** A delivery that is not acknowledged in this time is handed out again. */
  visibilityMs: number
  signal?: AbortSignal
}

export interface DeadLetter {
  queue: string
  id: string
  body: string
  receives: number
}

/**
 * Carries sealed messages at least once. Losing or repeating a delivery is normal: queues are hints, and the
 * journal knows which tasks are open.
 */
export interface MessageBus {
  /** Longest body in bytes; a longer one is rejected with `too-large`. */
  readonly bodyBytesMax: number
  /** A message handed out this often without acknowledgement goes to the dead letters. */
  readonly receivesMax: number

  send(messages: readonly Outgoing[], signal?: AbortSignal): Promise<void>
  /**
   * Several messages of one group may come in one answer, in order; the group then waits until all of them are
   * acknowledged, or their time has ended. Rejects with the signal's reason. Closing the bus answers with nothing.
   */
  receive(queue: string, options: ReceiveOptions): Promise<Delivery[]>
  /** Idempotent. A receipt that is no longer current changes nothing. */
  acknowledge(deliveries: readonly Delivery[]): Promise<void>
  /** Hands them out again after `delayMs`, which counts as another receive. A receipt that is no longer current changes nothing. */
  release(deliveries: readonly Delivery[], delayMs: number): Promise<void>
  deadLetters(queue: string): Promise<DeadLetter[]>
  /** Puts dead letters back at the end of their queue with a fresh count; returns how many. */
  redrive(queue: string): Promise<number>
  /** Forgets all of a queue, dead letters included, once its session is over. Idempotent. */
  purge(queue: string): Promise<void>
  close(): Promise<void>
}
