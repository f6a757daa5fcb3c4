import { type DeadLetter, type Delivery, DriverError, type Outgoing } from '@infrafabric/ports'
import type { SqliteDatabase } from './database.ts'

/** How long a message's id is remembered, as SQS FIFO does. */
const rememberMs = 300_000
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
  CREATE INDEX IF NOT EXISTS delayed_message ON message (lane, visible_at) WHERE visible_at > 0;
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

interface LaneRow {
  number: number
  name: string
}

interface MessageRow {
  position: number
  id: string
  receives: number
}

interface TakeOptions {
  max: number
  visibilityMs: number
}

interface QueueSettings {
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

  /** At most `max` messages: whole lanes in the order of their first message, and within a lane in order. */
  take(queue: string, options: TakeOptions): Delivery[] {
    const now = this.#settings.now()
    const number = this.#sql.findQueue.get(queue)
    // An idle receiver takes no write lock.
    if (number === undefined || !this.#hasWork(number, now)) return []
    return this.#write(() => {
      this.#sql.unblock.run(number, now)
      const deliveries: Delivery[] = []
      while (deliveries.length < options.max) {
        const lane = this.#sql.freeLane.get(number)
        if (lane === undefined) break
        this.#takeFrom(lane, { queue, number, now, ...options }, deliveries)
      }
      return deliveries
    })
  }

  acknowledge(deliveries: readonly Delivery[]): void {
    this.#settle(deliveries, (lane, position, receives) => {
      if (this.#sql.dropMessage.run(lane, position, receives).changes === 0) return false
      this.#sql.dropBody.run(position)
      return true
    })
  }

  release(deliveries: readonly Delivery[], delayMs: number): void {
    const visibleAt = delayMs > 0 ? this.#settings.now() + delayMs : 0
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
    return this.#sql.freeLane.get(queue) !== undefined || this.#sql.expired.get(queue, now) !== undefined
  }

  #takeFrom(
    lane: LaneRow,
    context: { queue: string; number: number; now: number } & TakeOptions,
    deliveries: Delivery[],
  ): void {
    const wanted = context.max - deliveries.length
    const visibleAt = context.now + context.visibilityMs
    for (const message of this.#sql.headOfLane.all(lane.number, wanted)) {
      if (message.receives >= this.#settings.receivesMax) {
        this.#bury(context.number, lane, message)
        continue
      }
      const receives = message.receives + 1
      this.#sql.handOut.run(visibleAt, receives, lane.number, message.position)
      deliveries.push({
        queue: context.queue,
        id: message.id,
        body: this.#sql.body.get(message.position) ?? '',
        receives,
        receipt: `${lane.number}.${message.position}.${receives}`,
      })
    }
    this.#refresh(lane.number)
  }

  #bury(queue: number, lane: LaneRow, message: MessageRow): void {
    this.#sql.bury.run(message.position, queue, lane.name, message.id, message.receives)
    this.#sql.dropAny.run(lane.number, message.position)
  }

  /** Moves what has been handed out too often, and is not in flight, to the dead letters. */
  #buryAll(queue: number): void {
    const now = this.#settings.now()
    this.#write(() => {
      for (const { lane, name, ...message } of this.#sql.doomed.all(queue, this.#settings.receivesMax, now)) {
        this.#bury(queue, { number: lane, name }, message)
        this.#refresh(lane)
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
    const head = this.#sql.headPosition.get(lane)
    if (head === undefined) this.#sql.dropLane.run(lane)
    else this.#sql.setLane.run(head, this.#sql.blockedUntil.get(lane) ?? 0, lane)
  }

  #enqueue(queue: number, group: string, position: number, id: string): void {
    const lane =
      this.#sql.findLane.get(queue, group) ?? this.#sql.addLane.run(queue, group, position).lastInsertRowid
    this.#sql.addMessage.run(lane, position, id)
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

    findLane: numbers<[number, string]>('SELECT number FROM lane WHERE queue = ? AND name = ?'),
    addLane: database.prepare('INSERT INTO lane (queue, name, head, blocked_until) VALUES (?, ?, ?, 0)'),
    freeLane: database.prepare<[number], LaneRow>(
      'SELECT number, name FROM lane WHERE queue = ? AND blocked_until = 0 ORDER BY head LIMIT 1',
    ),
    expired: numbers<[number, number]>(
      'SELECT 1 FROM lane WHERE queue = ? AND blocked_until > 0 AND blocked_until <= ? LIMIT 1',
    ),
    unblock: database.prepare(
      'UPDATE lane SET blocked_until = 0 WHERE queue = ? AND blocked_until > 0 AND blocked_until <= ?',
    ),
    setLane: database.prepare('UPDATE lane SET head = ?, blocked_until = ? WHERE number = ?'),
    dropLane: database.prepare('DELETE FROM lane WHERE number = ?'),
    headPosition: numbers<[number]>('SELECT position FROM message WHERE lane = ? ORDER BY position LIMIT 1'),
    blockedUntil: numbers<[number]>(
      'SELECT visible_at FROM message WHERE lane = ? AND visible_at > 0 ORDER BY visible_at DESC LIMIT 1',
    ),

    addMessage: database.prepare(
      'INSERT INTO message (lane, position, id, receives, visible_at, handed_out) VALUES (?, ?, ?, 0, 0, 0)',
    ),
    headOfLane: database.prepare<[number, number], MessageRow>(
      'SELECT position, id, receives FROM message WHERE lane = ? ORDER BY position LIMIT ?',
    ),
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
    body: database.prepare<[number], string>('SELECT text FROM body WHERE position = ?').pluck(),
    moveBody: database.prepare('UPDATE body SET position = ? WHERE position = ?'),
    dropBody: database.prepare('DELETE FROM body WHERE position = ?'),

    doomed: database.prepare<[number, number, number], MessageRow & { lane: number; name: string }>(`
      SELECT message.lane, lane.name, message.position, message.id, message.receives
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
