import type { Delivery, Outgoing } from '@infrafabric/ports'
import type { QueueSettings, StoredMessage, TakeOptions } from './message-queues.ts'

const RECEIPT = /^p(\d+)\.(\d+)$/

interface Held {
  /** Grows with every message and is never used twice. */
  position: number
  id: string
  body: string
  receives: number
  visibleAt: number
  handedOut: boolean
}

interface Lane {
  queue: Queue
  name: string
  /** In order, those handed out included. */
  messages: Held[]
  /** Whether it is in `free` of its queue; else something of it is handed out or delayed until `blockedUntil`. */
  free: boolean
  blockedUntil: number
}

interface Queue {
  lanes: Map<string, Lane>
  /** Those that are not blocked, by their first message. */
  free: Lane[]
  blocked: Set<Lane>
  /** No blocked lane ends before this. */
  nextExpiry: number
  /** Ids and until when they are remembered, oldest first. */
  seen: Map<string, number>
}

/** The queues of one process, which end with it. They behave as those of `MessageQueues`, and hand out the same way. */
export class ProcessQueues {
  readonly #settings: QueueSettings
  readonly #queues = new Map<string, Queue>()
  readonly #handedOut = new Map<number, { lane: Lane; message: Held }>()
  #position = 1

  constructor(settings: QueueSettings) {
    this.#settings = settings
  }

  static isReceipt(receipt: string): boolean {
    return RECEIPT.test(receipt)
  }

  holds(queue: string, group: string): boolean {
    return this.#queues.get(queue)?.lanes.has(group) ?? false
  }

  /** Remembers the id; false when it is remembered already. */
  remember(queue: string, id: string, until: number): boolean {
    const { seen } = this.#open(queue)
    const now = this.#settings.now()
    for (const [old, end] of seen) {
      if (end > now) break
      seen.delete(old)
    }
    if (seen.has(id)) return false
    seen.set(id, until)
    return true
  }

  isRemembered(queue: string, id: string): boolean {
    return (this.#queues.get(queue)?.seen.get(id) ?? 0) > this.#settings.now()
  }

  add({ queue: name, group, id, body }: Outgoing): void {
    const queue = this.#open(name)
    const message = { position: this.#position++, id, body, receives: 0, visibleAt: 0, handedOut: false }
    const lane = queue.lanes.get(group)
    if (lane !== undefined) {
      lane.messages.push(message)
      return
    }
    const opened = { queue, name: group, messages: [message], free: true, blockedUntil: 0 }
    queue.lanes.set(group, opened)
    queue.free.push(opened)
  }

  /** At most `max` messages, and those that have been handed out too often. */
  take(name: string, options: TakeOptions): { deliveries: Delivery[]; dead: StoredMessage[] } {
    const deliveries: Delivery[] = []
    const dead: StoredMessage[] = []
    const queue = this.#queues.get(name)
    if (queue === undefined) return { deliveries, dead }
    const now = this.#settings.now()
    this.#unblock(queue, now)
    const visibleAt = Math.ceil(now + options.visibilityMs)
    let used = 0
    for (; used < queue.free.length && deliveries.length < options.max; used++) {
      const lane = queue.free[used] as Lane
      lane.free = false
      this.#bury(lane, dead, now)
      for (const message of lane.messages) {
        if (deliveries.length === options.max) break
        message.receives += 1
        message.visibleAt = visibleAt
        message.handedOut = true
        this.#handedOut.set(message.position, { lane, message })
        const { id, body, receives } = message
        deliveries.push({ queue: name, id, body, receives, receipt: `p${message.position}.${receives}` })
      }
      if (lane.messages.length === 0) queue.lanes.delete(lane.name)
      else this.#block(lane, visibleAt)
    }
    queue.free.splice(0, used)
    return { deliveries, dead }
  }

  acknowledge(receipts: readonly string[]): void {
    this.#settle(receipts, (lane, message) => {
      lane.messages.splice(lane.messages.indexOf(message), 1)
    })
  }

  release(receipts: readonly string[], delayMs: number): void {
    const visibleAt = delayMs > 0 ? Math.ceil(this.#settings.now() + delayMs) : 0
    this.#settle(receipts, (_, message) => {
      message.handedOut = false
      message.visibleAt = visibleAt
    })
  }

  /** Takes out what has been handed out too often and is not in flight. */
  takeDead(name: string): StoredMessage[] {
    const dead: StoredMessage[] = []
    const queue = this.#queues.get(name)
    if (queue === undefined) return dead
    const now = this.#settings.now()
    for (const lane of [...queue.lanes.values()]) {
      if (this.#bury(lane, dead, now)) this.#refresh(lane, now)
    }
    return dead
  }

  names(): string[] {
    return [...this.#queues.keys()]
  }

  /** In order: messages of lanes of which nothing is in flight or delayed; with `all`, of the others too. */
  waiting(name: string, all: boolean): StoredMessage[] {
    const messages: (StoredMessage & { position: number })[] = []
    for (const lane of this.#lanes(name, all)) {
      for (const { position, id, body, receives } of lane.messages) {
        messages.push({ position, group: lane.name, id, body, receives })
      }
    }
    return messages.sort((a, b) => a.position - b.position)
  }

  /** Forgets the messages that `waiting` names; their ids stay remembered. */
  dropWaiting(name: string, all: boolean): void {
    const queue = this.#queues.get(name)
    if (queue === undefined) return
    for (const lane of this.#lanes(name, all)) {
      for (const { position } of lane.messages) this.#handedOut.delete(position)
      queue.lanes.delete(lane.name)
      queue.blocked.delete(lane)
    }
    queue.free = []
  }

  purge(name: string): void {
    for (const lane of this.#queues.get(name)?.lanes.values() ?? []) {
      for (const { position } of lane.messages) this.#handedOut.delete(position)
    }
    this.#queues.delete(name)
  }

  hasExpired(name: string): boolean {
    const queue = this.#queues.get(name)
    return queue !== undefined && this.#settings.now() >= queue.nextExpiry
  }

  get isEmpty(): boolean {
    for (const { lanes } of this.#queues.values()) if (lanes.size > 0) return false
    return true
  }

  #lanes(name: string, all: boolean): Lane[] {
    const queue = this.#queues.get(name)
    if (queue === undefined) return []
    return all ? [...queue.lanes.values()] : [...queue.free]
  }

  #open(name: string): Queue {
    let queue = this.#queues.get(name)
    if (queue === undefined) {
      queue = {
        lanes: new Map(),
        free: [],
        blocked: new Set(),
        nextExpiry: Number.POSITIVE_INFINITY,
        seen: new Map(),
      }
      this.#queues.set(name, queue)
    }
    return queue
  }

  /** Takes worn-out messages that are not in flight out of the lane; true when there were any. */
  #bury(lane: Lane, dead: StoredMessage[], now: number): boolean {
    const { receivesMax } = this.#settings
    const isWorn = (each: Held) => each.receives >= receivesMax && each.visibleAt <= now
    if (!lane.messages.some(isWorn)) return false
    for (const { position, id, body, receives } of lane.messages.filter(isWorn)) {
      this.#handedOut.delete(position)
      dead.push({ group: lane.name, id, body, receives })
    }
    lane.messages = lane.messages.filter((each) => !isWorn(each))
    return true
  }

  #settle(receipts: readonly string[], apply: (lane: Lane, message: Held) => void): void {
    const lanes = new Set<Lane>()
    for (const receipt of receipts) {
      const [, position, receives] = RECEIPT.exec(receipt) ?? []
      const held = this.#handedOut.get(Number(position))
      if (held === undefined || held.message.receives !== Number(receives)) continue
      this.#handedOut.delete(held.message.position)
      apply(held.lane, held.message)
      lanes.add(held.lane)
    }
    const now = this.#settings.now()
    for (const lane of lanes) this.#refresh(lane, now)
  }

  /** Puts the lane where its messages say that it belongs. */
  #refresh(lane: Lane, now: number): void {
    const { queue } = lane
    if (lane.free) queue.free.splice(queue.free.indexOf(lane), 1)
    lane.free = false
    queue.blocked.delete(lane)
    if (lane.messages.length === 0) {
      queue.lanes.delete(lane.name)
      return
    }
    let blockedUntil = 0
    for (const message of lane.messages) {
      // Messages are handed out from the head on, so nothing behind an untouched one is in flight.
      if (message.receives === 0) break
      if (message.visibleAt > now) blockedUntil = Math.max(blockedUntil, message.visibleAt)
    }
    if (blockedUntil > 0) this.#block(lane, blockedUntil)
    else this.#free(lane)
  }

  #block(lane: Lane, until: number): void {
    const { queue } = lane
    lane.blockedUntil = until
    queue.blocked.add(lane)
    queue.nextExpiry = Math.min(queue.nextExpiry, until)
  }

  #unblock(queue: Queue, now: number): void {
    if (now < queue.nextExpiry) return
    queue.nextExpiry = Number.POSITIVE_INFINITY
    for (const lane of queue.blocked) {
      if (lane.blockedUntil > now) queue.nextExpiry = Math.min(queue.nextExpiry, lane.blockedUntil)
      else {
        queue.blocked.delete(lane)
        this.#free(lane)
      }
    }
  }

  /** In the order of the lanes' first messages. */
  #free(lane: Lane): void {
    const { free } = lane.queue
    const head = headOf(lane)
    let at = 0
    for (let end = free.length; at < end; ) {
      const middle = (at + end) >> 1
      if (headOf(free[middle] as Lane) < head) at = middle + 1
      else end = middle
    }
    free.splice(at, 0, lane)
    lane.free = true
  }
}

function headOf(lane: Lane): number {
  return lane.messages[0]?.position ?? 0
}
