import type { JournalEntry } from '@infrafabric/ports'
import { agentIdOf, type Json, type JsonObject } from '@infrafabric/protocol'
import {
  claimCheckOf,
  type Entry,
  eventOf,
  inboundOf,
  openSession,
  ROLES,
  type Session,
  step,
  type TaskRequest,
} from '@infrafabric/session'
import type { Disk } from './disk.ts'
import { fingerprint } from './fingerprint.ts'
import { MoneyOracle } from './money-oracle.ts'
import type { Process, Program } from './process.ts'
import type { Provider } from './provider.ts'
import type { Sabotage } from './sabotage.ts'
import { Violation } from './violation.ts'

/** Folds the journal commit by commit beside the processes, and looks after each whether all still holds. */
export class Checks {
  /** As the journal has it; null before it is opened. */
  session: Session | null = null
  /** Wires that must never be accepted. */
  readonly forbidden = new Set<string>()
  /** Agents whose word on their own costs is worth nothing. */
  readonly hostile = new Set<string>()
  /** Results accepted, by task. */
  readonly #accepted = new Map<string, string>()
  readonly #places = new Set<string>()
  readonly #finishedNotices = new Map<string, Process>()
  /** Fingerprint of the session at each length of the journal at which a commit ended. */
  readonly #history = new Map<number, string>()
  #limit: number | null = null
  #money = new MoneyOracle()
  #owner: Program | null = null
  #epoch = 0
  readonly #sabotage: Sabotage

  constructor(sabotage: Sabotage) {
    this.#sabotage = sabotage
  }

  /** Of a commit, as soon as anybody can see it. */
  committed(rows: readonly JournalEntry[], writer: Process, disk: Disk, provider: Provider): void {
    const entries = rows.map((row) => JSON.parse(row.body) as Entry)
    this.#checkOwner(entries, writer)
    for (const entry of entries) this.#fold(entry, disk)
    const { session } = this
    if (session === null) return
    for (const entry of entries) this.#count(entry, session, disk)
    this.#checkAccepted(session)
    this.#checkMoney(session)
    for (const key of provider.bills.keys()) this.checkBill(key, provider)
    const state = fingerprint(session)
    this.#history.set(disk.length, state)
    const begins = entries.some(({ kind }) => kind === 'epoch-started' || kind === 'limits-raised')
    if (this.#sabotage.state || begins || writer.session === null) return
    const live = fingerprint(writer.session)
    if (live !== state) throw new Violation('replay', `at entry ${disk.length}\n${live}\n${state}`)
  }

  /** Of a session that a process rebuilt. */
  loaded(session: Session, length: number): void {
    const known = this.#history.get(length)
    if (this.#sabotage.state) return
    const state = fingerprint(session)
    if (state !== known) throw new Violation('replay', `loaded at entry ${length}\n${state}\n${known}`)
  }

  notice(task: string, process: Process): void {
    const before = this.#finishedNotices.get(task)
    if (before !== undefined) throw new Violation('accepted once', `task ${task} is announced twice`)
    this.#finishedNotices.set(task, process)
  }

  checkBill(key: string, provider: Provider): void {
    const [task = '', number = ''] = key.split(' ')
    const attempt = this.session?.tasksById.get(task)?.attempts[Number(number) - 1]
    if (attempt === undefined) throw new Violation('bill', `a call for ${key}, which nobody asked for`)
    if (this.hostile.has(attempt.agent.name)) return
    const billed = provider.bills.get(key) ?? 0
    const counted = attempt.state === 'open' ? attempt.sliceMicros : attempt.costMicros
    if (billed > counted) {
      throw new Violation('bill', `${key} (${attempt.state}): billed ${billed}, counted ${counted}`)
    }
  }

  /** After power was lost: what was acknowledged must be there. */
  checkDurable(disk: Disk): void {
    const rows = disk.rows('', 0, Number.POSITIVE_INFINITY)
    for (const [seq, hash] of disk.ackedRows.entries()) {
      if (hash !== undefined && rows[seq]?.hash !== hash) {
        throw new Violation('durable', `entry ${seq} was acknowledged and is gone`)
      }
    }
    for (const [key, body] of disk.ackedObjects) {
      const found = disk.object(key)
      if (found === null || Buffer.compare(found, body) !== 0) {
        throw new Violation('durable', `object ${key} was acknowledged and is gone`)
      }
    }
  }

  #checkOwner(entries: readonly Entry[], writer: Process): void {
    for (const entry of entries) {
      if (entry.kind === 'epoch-started') {
        if (entry.epoch <= this.#epoch) throw new Violation('fence', `epoch ${entry.epoch} comes twice`)
        this.#epoch = entry.epoch
        this.#owner = writer.coordinator
      } else if (
        entry.kind !== 'opened' &&
        entry.kind !== 'evidence-added' &&
        entry.kind !== 'limits-raised'
      ) {
        if (this.#owner !== writer.coordinator) {
          throw new Violation('fence', `${writer.coordinator.label} appends in the epoch of another`)
        }
      }
    }
  }

  #fold(entry: Entry, disk: Disk): void {
    if (entry.kind === 'opened') {
      this.session = openSession(entry)
      this.#sabotage.state?.(this.session)
      this.#limit = entry.mission.budgetMicros
      return
    }
    if (this.session === null) throw new Violation('replay', `the journal begins with ${entry.kind}`)
    let inbound = null
    if (entry.kind === 'received') {
      inbound = inboundOf(entry.message)
      inbound.content = contentOf(inbound.content, disk)
      this.#checkAdmitted(entry.message)
    }
    const event = eventOf(entry, inbound)
    if (event !== null) step(this.session, event)
  }

  #checkAdmitted(wire: string): void {
    if (this.forbidden.has(wire)) throw new Violation('forged', wire.slice(0, 300))
    const { sender, epoch, seq } = JSON.parse(wire) as JsonObject
    const place = `${sender} ${epoch} ${seq}`
    if (this.#places.has(place)) throw new Violation('admitted once', place)
    this.#places.add(place)
  }

  #count(entry: Entry, session: Session, disk: Disk): void {
    if (entry.kind === 'limits-raised' && entry.budgetMicros !== null) {
      this.#limit = Math.max(this.#limit ?? 0, entry.budgetMicros)
    }
    if (entry.kind !== 'sent' && entry.kind !== 'received') return
    const message = JSON.parse(entry.message) as JsonObject
    const content = contentOf(message.content as Json, disk)
    const other = (entry.kind === 'sent' ? message.receiver : message.sender) as string
    const agent = agentIdOf(other, session.name) ?? ''
    if (entry.kind === 'received') {
      this.#money.reported(agent, message.performative as string, content)
    } else if (message.performative === 'request') {
      const request = content as unknown as TaskRequest
      this.#money.asked(agent, request, session.terms[request.role])
    }
  }

  #checkMoney(session: Session): void {
    const { spent, reserved, limit } = session.budget
    const { committed } = this.#money
    if (committed > (this.#limit ?? 0)) {
      throw new Violation('budget', `${committed} reserved or spent, ${this.#limit} allowed`)
    }
    if (spent > (limit ?? 0) || spent < 0 || reserved < 0) {
      throw new Violation('budget', `spent ${spent}, reserved ${reserved} of ${limit}`)
    }
    if (!this.#sabotage.state && spent + reserved !== committed) {
      throw new Violation('budget', `${spent} + ${reserved}, and the journal says ${committed}`)
    }
  }

  #checkAccepted(session: Session): void {
    let open = 0
    for (const { id, status } of session.tasks) {
      const before = this.#accepted.get(id)
      if (status.is === 'finished') {
        const outcome = JSON.stringify(status.outcome)
        if (before === undefined) this.#accepted.set(id, outcome)
        else if (before !== outcome) throw new Violation('accepted once', `task ${id} has another outcome`)
      } else if (before !== undefined)
        throw new Violation('accepted once', `task ${id} is ${status.is} again`)
      if (status.is !== 'finished' && status.is !== 'failed' && status.is !== 'skipped') open++
    }
    if (open !== session.tasksOpen)
      throw new Violation('replay', `${session.tasksOpen} open, ${open} counted`)
    for (const role of ROLES) {
      for (const agent of session.agents) {
        const { concurrency } = session.mission.agents[role]
        if (agent.role === role && (agent.places < 0 || agent.places > concurrency)) {
          throw new Violation('places', `${agent.name} has ${agent.places} places`)
        }
      }
    }
  }
}

function contentOf(content: Json, disk: Disk): Json {
  const check = claimCheckOf(content)
  if (check === null) return content
  const bytes = disk.object(`evidence/${check.sha256.slice(0, 2)}/${check.sha256}`)
  if (bytes === null) throw new Violation('durable', `claim check ${check.sha256} names what is not stored`)
  return JSON.parse(new TextDecoder().decode(bytes)) as Json
}
