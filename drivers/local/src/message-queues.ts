import { type DeadLetter, type Delivery, DriverError, type Outgoing } from '@infrafabric/ports'
import type { SqliteDatabase } from './database.ts'

/** How long a message's id is remembered, as SQS FIFO does. */
export const rememberMs = 300_000
const sweepEveryMs = 60_000

/**
 * A lane is one group of one queue. `blocked_until` is 0 while nothing of it is handed out or delayed; `head` is its
 * first message. Bodies have their own table, so that handing out a message rewrites a small row only.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS counter (next INTEGER NOT NULL) STRICT;
  INSERT INTO counter SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM counter);
  CREATE TABLE IF NOT EXISTS queue (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE IF NOT EXISTS lane (
    number INTEGER PRIMARY KEY,
    queue INTEGER NOT NULL,
    name TEXT NOT NULL,
    head INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL,
    UNIQUE (queue, name)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS free_lane ON lane (queue, head) WHERE blocked_until = 0;
  CREATE INDEX IF NOT EXISTS blocked_lane ON lane (queue, blocked_until) WHERE blocked_until > 0;
  CREATE TABLE IF NOT EXISTS message (
    lane INTEGER NOT NULL,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    receives INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    handed_out INTEGER NOT NULL,
    PRIMARY KEY (lane, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS body (position INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS dead_letter (
    position INTEGER PRIMARY KEY,
    queue INTEGER NOT NULL,
    lane_name TEXT NOT NULL,
    id TEXT NOT NULL,
    receives INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS dead_letter_of ON dead_letter (queue, position);
  CREATE TABLE IF NOT EXISTS seen (
    queue INTEGER NOT NULL,
    id TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (queue, id)
  ) STRICT, WITHOUT ROWID;
`

interface LaneMessage {
  lane: number
  laneName: string
  position: number
  id: string
  receives: number
}

interface DeliverableRow extends LaneMessage {
  body: string
}

export interface TakeOptions {
  max: number
  visibilityMs: number
}

/** A message that is moved from one kind of queue to the other. */
export interface StoredMessage {
  group: string
  id: string
  body: string
  receives: number
}

export interface QueueSettings {
  /** Epoch ms. */
  now: () => number
  receivesMax: number
}

/** The queues of one database file. Every public method is one transaction, or a read. */
export class MessageQueues {
  static readonly schema = schema
  readonly #database: SqliteDatabase
  readonly #settings: QueueSettings
  readonly #sql: ReturnType<typeof prepareAll>
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor(database: SqliteDatabase, settings: QueueSettings) {
    this.#database = database
    this.#settings = settings
    this.#sql = prepareAll(database)
  }

  send(messages: readonly Outgoing[]): void {
    if (messages.length === 0) return
    const now = this.#settings.now()
    this.#write(() => {
      this.#sweep(now)
      const queues = new Map<string, number>()
      let position = this.#nextPosition()
      for (const message of messages) {
        const queue = queues.get(message.queue) ?? this.#openQueue(message.queue)
        queues.set(message.queue, queue)
        const isNew = this.#sql.remember.run(queue, message.id, now + rememberMs, now).changes > 0
        if (!isNew) continue
        this.#sql.addBody.run(position, message.body)
        this.#enqueue(queue, message.group, position, message.id)
        position += 1
      }
      this.#sql.setCounter.run(position)
    })
  }

  /**
   * At most `max` messages: lane after lane in the order of their first message, and within a lane in order. Groups
   * for which `waits` is true are passed over.
   */
  take(queue: string, options: TakeOptions, waits: (group: string) => boolean): Delivery[] {
    const now = this.#settings.now()
    const number = this.#sql.findQueue.get(queue)
    // An idle receiver takes no write lock.
    if (number === undefined || !this.#hasWork(number, now)) return []
    return this.#write(() => {
      this.#sql.unblock.run(number, now)
      for (;;) {
        const rows = this.#deliverable(number, options.max, waits)
        const deliveries = this.#handOut(queue, number, rows, Math.ceil(now + options.visibilityMs))
        // When all of them went to the dead letters there may be living ones behind.
        if (deliveries.length > 0 || rows.length === 0) return deliveries
      }
    })
  }

  #deliverable(queue: number, max: number, waits: (group: string) => boolean): DeliverableRow[] {
    const rows: DeliverableRow[] = []
    for (const row of this.#sql.deliverable.iterate(queue)) {
      if (waits(row.laneName)) continue
      rows.push(row)
      if (rows.length === max) break
    }
    return rows
  }

  acknowledge(deliveries: readonly Delivery[]): void {
    this.#settle(deliveries, (lane, position, receives) => {
      if (this.#sql.dropMessage.run(lane, position, receives).changes === 0) return false
      this.#sql.dropBody.run(position)
      return true
    })
  }

  release(deliveries: readonly Delivery[], delayMs: number): void {
    const visibleAt = delayMs > 0 ? Math.ceil(this.#settings.now() + delayMs) : 0
    this.#settle(
      deliveries,
      (lane, position, receives) => this.#sql.delay.run(visibleAt, lane, position, receives).changes > 0,
    )
  }

  deadLetters(queue: string): DeadLetter[] {
    const number = this.#sql.findQueue.get(queue)
    if (number === undefined) return []
    this.#buryAll(number)
    return this.#sql.deadLetters.all(number).map((letter) => ({ queue, ...letter }))
  }

  redrive(queue: string): number {
    const number = this.#sql.findQueue.get(queue)
    if (number === undefined) return 0
    this.#buryAll(number)
    return this.#write(() => {
      let position = this.#nextPosition()
      const letters = this.#sql.takeDeadLetters.all(number).sort((a, b) => a.position - b.position)
      for (const letter of letters) {
        // A new position, so that no receipt of its former life is current.
        this.#sql.moveBody.run(position, letter.position)
        this.#enqueue(number, letter.laneName, position, letter.id)
        position += 1
      }
      this.#sql.setCounter.run(position)
      return letters.length
    })
  }

  /** Whether a send to this queue has to look at what is there: messages or remembered ids. */
  isTouched(queue: string): boolean {
    const number = this.#sql.findQueue.get(queue)
    return number !== undefined && this.#sql.touched.get(number, number) === 1
  }

  holds(queue: string, group: string): boolean {
    const number = this.#sql.findQueue.get(queue)
    return number !== undefined && this.#sql.findLane.get(number, group) !== undefined
  }

  isRemembered(queue: string, id: string): boolean {
    const number = this.#sql.findQueue.get(queue)
    return number !== undefined && this.#sql.remembered.get(number, id, this.#settings.now()) !== undefined
  }

  /** Takes over messages of another kind of queue, in their order, to be handed out again. */
  adopt(queue: string, messages: readonly StoredMessage[]): void {
    const now = this.#settings.now()
    this.#write(() => {
      const number = this.#openQueue(queue)
      let position = this.#nextPosition()
      for (const { group, id, body, receives } of messages) {
        this.#sql.remember.run(number, id, now + rememberMs, now)
        this.#sql.addBody.run(position, body)
        this.#enqueue(number, group, position, id, receives)
        position += 1
      }
      this.#sql.setCounter.run(position)
    })
  }

  /** Takes over messages that were handed out too often. */
  adoptDead(queue: string, messages: readonly StoredMessage[]): void {
    this.#write(() => {
      const number = this.#openQueue(queue)
      let position = this.#nextPosition()
      for (const { group, id, body, receives } of messages) {
        this.#sql.addBody.run(position, body)
        this.#sql.bury.run(position, number, group, id, receives)
        position += 1
      }
      this.#sql.setCounter.run(position)
    })
  }

  purge(queue: string): void {
    const number = this.#sql.findQueue.get(queue)
    if (number === undefined) return
    this.#write(() => {
      for (const statement of this.#sql.purge) statement.run(number)
    })
  }

  /** Changes when another connection commits. */
  version(): unknown {
    return this.#database.pragma('data_version', { simple: true })
  }

  /** True when a delivery or a delay has ended since the last `take`. */
  hasExpired(queue: string): boolean {
    const number = this.#sql.findQueue.get(queue)
    return number !== undefined && this.#sql.expired.get(number, this.#settings.now()) !== undefined
  }

  #write<T>(work: () => T): T {
    return this.#database.transaction(work).immediate()
  }

  #hasWork(queue: number, now: number): boolean {
    return this.#sql.free.get(queue) !== undefined || this.#sql.expired.get(queue, now) !== undefined
  }

  #handOut(queue: string, number: number, rows: readonly DeliverableRow[], visibleAt: number): Delivery[] {
    const deliveries: Delivery[] = []
    const blocked = new Set<number>()
    const buried = new Set<number>()
    for (const { lane, position, id, body, ...row } of rows) {
      if (row.receives >= this.#settings.receivesMax) {
        this.#bury(number, { lane, position, id, ...row })
        buried.add(lane)
        continue
      }
      const receives = row.receives + 1
      this.#sql.handOut.run(visibleAt, receives, lane, position)
      if (!blocked.has(lane)) {
        // The lane was free, so this delivery alone says until when it is blocked.
        this.#sql.setLane.run(position, visibleAt, lane)
        blocked.add(lane)
      }
      deliveries.push({ queue, id, body, receives, receipt: `${lane}.${position}.${receives}` })
    }
    for (const lane of buried) if (!blocked.has(lane)) this.#refresh(lane)
    return deliveries
  }

  #bury(queue: number, message: LaneMessage): void {
    this.#sql.bury.run(message.position, queue, message.laneName, message.id, message.receives)
    this.#sql.dropAny.run(message.lane, message.position)
  }

  /** Moves what has been handed out too often, and is not in flight, to the dead letters. */
  #buryAll(queue: number): void {
    const now = this.#settings.now()
    this.#write(() => {
      for (const message of this.#sql.doomed.all(queue, this.#settings.receivesMax, now)) {
        this.#bury(queue, message)
        this.#refresh(message.lane)
      }
    })
  }

  #settle(
    deliveries: readonly Delivery[],
    apply: (lane: number, position: number, receives: number) => boolean,
  ): void {
    if (deliveries.length === 0) return
    this.#write(() => {
      const lanes = new Set<number>()
      for (const { receipt } of deliveries) {
        const [lane, position, receives] = receipt.split('.').map(Number)
        if (lane === undefined || position === undefined || receives === undefined) {
          throw new DriverError(
            'invalid',
            'acknowledge',
            `${JSON.stringify(receipt)} is not a receipt of this bus.`,
          )
        }
        if (apply(lane, position, receives)) lanes.add(lane)
      }
      for (const lane of lanes) this.#refresh(lane)
    })
  }

  /** Brings a lane's row in line with its messages. */
  #refresh(lane: number): void {
    const now = this.#settings.now()
    let head: number | undefined
    let blockedUntil = 0
    for (const message of this.#sql.lane.iterate(lane)) {
      head ??= message.position
      // Messages are handed out from the head on, so nothing behind an untouched one is in flight.
      if (message.receives === 0) break
      if (message.visibleAt > now) blockedUntil = Math.max(blockedUntil, message.visibleAt)
    }
    if (head === undefined) this.#sql.dropLane.run(lane)
    else this.#sql.setLane.run(head, blockedUntil, lane)
  }

  #enqueue(queue: number, group: string, position: number, id: string, receives = 0): void {
    const lane =
      this.#sql.findLane.get(queue, group) ?? this.#sql.addLane.run(queue, group, position).lastInsertRowid
    this.#sql.addMessage.run(lane, position, id, receives)
  }

  #openQueue(name: string): number {
    return this.#sql.findQueue.get(name) ?? Number(this.#sql.addQueue.run(name).lastInsertRowid)
  }

  #nextPosition(): number {
    return this.#sql.counter.get() ?? 1
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < sweepEveryMs) return
    this.#sql.forget.run(now)
    this.#sweptAt = now
  }
}

function prepareAll(database: SqliteDatabase) {
  const numbers = <P extends unknown[]>(sql: string) => database.prepare<P, number>(sql).pluck()
  return {
    counter: numbers<[]>('SELECT next FROM counter'),
    setCounter: database.prepare('UPDATE counter SET next = ?'),
    findQueue: numbers<[string]>('SELECT number FROM queue WHERE name = ?'),
    addQueue: database.prepare('INSERT INTO queue (name) VALUES (?)'),
    remember: database.prepare(`
      INSERT INTO seen (queue, id, until) VALUES (?, ?, ?)
      ON CONFLICT (queue, id) DO UPDATE SET until = excluded.until WHERE until <= ?`),
    forget: database.prepare('DELETE FROM seen WHERE until <= ?'),

    remembered: numbers<[number, string, number]>(
      'SELECT 1 FROM seen WHERE queue = ? AND id = ? AND until > ?',
    ),
    touched: numbers<[number, number]>(
      'SELECT EXISTS (SELECT 1 FROM lane WHERE queue = ?) OR EXISTS (SELECT 1 FROM seen WHERE queue = ?)',
    ),

    findLane: numbers<[number, string]>('SELECT number FROM lane WHERE queue = ? AND name = ?'),
    addLane: database.prepare('INSERT INTO lane (queue, name, head, blocked_until) VALUES (?, ?, ?, 0)'),
    free: numbers<[number]>('SELECT 1 FROM lane WHERE queue = ? AND blocked_until = 0 LIMIT 1'),
    expired: numbers<[number, number]>(
      'SELECT 1 FROM lane WHERE queue = ? AND blocked_until > 0 AND blocked_until <= ? LIMIT 1',
    ),
    unblock: database.prepare(
      'UPDATE lane SET blocked_until = 0 WHERE queue = ? AND blocked_until > 0 AND blocked_until <= ?',
    ),
    setLane: database.prepare('UPDATE lane SET head = ?, blocked_until = ? WHERE number = ?'),
    dropLane: database.prepare('DELETE FROM lane WHERE number = ?'),
    addMessage: database.prepare(
      'INSERT INTO message (lane, position, id, receives, visible_at, handed_out) VALUES (?, ?, ?, ?, 0, 0)',
    ),
    lane: database.prepare<[number], { position: number; receives: number; visibleAt: number }>(
      'SELECT position, receives, visible_at AS visibleAt FROM message WHERE lane = ? ORDER BY position',
    ),
    // CROSS JOIN keeps the order of the loops, which is the order of the rows: nothing is sorted.
    deliverable: database.prepare<[number], DeliverableRow>(`
      SELECT lane.number AS lane, lane.name AS laneName, position, id, receives, text AS body
      FROM lane CROSS JOIN message ON message.lane = lane.number CROSS JOIN body USING (position)
      WHERE lane.queue = ? AND lane.blocked_until = 0 ORDER BY lane.head, lane.number, message.position`),
    handOut: database.prepare(
      'UPDATE message SET visible_at = ?, receives = ?, handed_out = 1 WHERE lane = ? AND position = ?',
    ),
    delay: database.prepare(
      'UPDATE message SET visible_at = ?, handed_out = 0 WHERE lane = ? AND position = ? AND receives = ? AND handed_out = 1',
    ),
    dropMessage: database.prepare(
      'DELETE FROM message WHERE lane = ? AND position = ? AND receives = ? AND handed_out = 1',
    ),
    dropAny: database.prepare('DELETE FROM message WHERE lane = ? AND position = ?'),
    addBody: database.prepare('INSERT INTO body (position, text) VALUES (?, ?)'),
    moveBody: database.prepare('UPDATE body SET position = ? WHERE position = ?'),
    dropBody: database.prepare('DELETE FROM body WHERE position = ?'),

    doomed: database.prepare<[number, number, number], LaneMessage>(`
      SELECT message.lane, lane.name AS laneName, message.position, message.id, message.receives
      FROM lane JOIN message ON message.lane = lane.number
      WHERE lane.queue = ? AND message.receives >= ? AND message.visible_at <= ?`),
    bury: database.prepare(
      'INSERT INTO dead_letter (position, queue, lane_name, id, receives) VALUES (?, ?, ?, ?, ?)',
    ),
    deadLetters: database.prepare<[number], Omit<DeadLetter, 'queue'>>(`
      SELECT dead_letter.id, body.text AS body, dead_letter.receives
      FROM dead_letter JOIN body USING (position) WHERE queue = ? ORDER BY position`),
    takeDeadLetters: database.prepare<[number], { position: number; laneName: string; id: string }>(
      'DELETE FROM dead_letter WHERE queue = ? RETURNING position, lane_name AS laneName, id',
    ),

    /** In this order. The queue's own row stays: it is tiny, and its number may be in use. */
    purge: [
      `DELETE FROM body WHERE position IN (
        SELECT message.position FROM lane JOIN message ON message.lane = lane.number WHERE lane.queue = ?)`,
      'DELETE FROM message WHERE lane IN (SELECT number FROM lane WHERE queue = ?)',
      'DELETE FROM lane WHERE queue = ?',
      'DELETE FROM body WHERE position IN (SELECT position FROM dead_letter WHERE queue = ?)',
      'DELETE FROM dead_letter WHERE queue = ?',
      'DELETE FROM seen WHERE queue = ?',
    ].map((sql) => database.prepare(sql)),
  }
}
