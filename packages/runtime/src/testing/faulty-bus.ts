import type { Delivery, MessageBus, Outgoing, ReceiveOptions } from '@infrafabric/ports'
import type { World } from './world.ts'

/** Probabilities, for each message. */
export interface BusFaults {
  dropped: number
  doubled: number
  /** Held back for up to `delayMsMax`, so that others overtake it. */
  delayed: number
  delayMsMax: number
}

/** A bus that keeps none of its promises but one: what it delivers was sent. Counts each kind of fault. */
export class FaultyBus implements MessageBus {
  readonly bodyBytesMax: number
  readonly receivesMax: number
  readonly fired = { dropped: 0, doubled: 0, delayed: 0 }
  readonly #bus: MessageBus
  readonly #world: World
  readonly #faults: BusFaults
  #copies = 0

  constructor(bus: MessageBus, world: World, faults: BusFaults) {
    this.#bus = bus
    this.#world = world
    this.#faults = faults
    this.bodyBytesMax = bus.bodyBytesMax
    this.receivesMax = bus.receivesMax
  }

  async send(messages: readonly Outgoing[]): Promise<void> {
    const { dropped, doubled } = this.#faults
    for (const message of messages) {
      if (this.#world.chance(dropped)) this.fired.dropped++
      else await this.#carry(message)
      if (!this.#world.chance(doubled)) continue
      this.fired.doubled++
      await this.#carry({ ...message, id: `${message.id}~${++this.#copies}` })
    }
  }

  async #carry(message: Outgoing): Promise<void> {
    // A group of its own: nothing keeps it in order.
    const loose = { ...message, group: message.id }
    if (!this.#world.chance(this.#faults.delayed)) return this.#bus.send([loose])
    this.fired.delayed++
    this.#world.schedule(this.#world.random() * this.#faults.delayMsMax, () => void this.#bus.send([loose]))
  }

  receive(queue: string, options: ReceiveOptions): Promise<Delivery[]> {
    return this.#bus.receive(queue, options)
  }

  acknowledge(deliveries: readonly Delivery[]): Promise<void> {
    return this.#bus.acknowledge(deliveries)
  }

  release(deliveries: readonly Delivery[], delayMs: number): Promise<void> {
    return this.#bus.release(deliveries, delayMs)
  }

  deadLetters(queue: string) {
    return this.#bus.deadLetters(queue)
  }

  redrive(queue: string): Promise<number> {
    return this.#bus.redrive(queue)
  }

  purge(queue: string): Promise<void> {
    return this.#bus.purge(queue)
  }

  close(): Promise<void> {
    return this.#bus.close()
  }
}
