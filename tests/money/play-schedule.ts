import { agentName, type Json, type JsonObject } from '@infrafabric/protocol'
import {
  type Charge,
  defaultMission,
  type FailureCode,
  type Mission,
  nextWakeAt,
  type Opened,
  openSession,
  type Session,
  type SessionEvent,
  step,
  type Terms,
} from '@infrafabric/session'
import { integer, pick, type Random, randomOf } from '../torture/random.ts'
import { MoneyOracle } from './oracle.ts'

const SESSION = 'schedule-7f3k'
const OPENED_AT = 1_800_000_000_000

/** What schedules did, over all of them. */
export interface MoneyTally {
  schedules: number
  events: number
  agentsMost: number
  attempts: number
  crashes: number
  replayed: number
  doubled: number
  late: number
  vanished: number
  overReported: number
  priceChanges: number
  /** Schedules that the budget stopped. */
  outOfBudget: number
  spentMicros: number
}

export function newMoneyTally(): MoneyTally {
  return {
    schedules: 0,
    events: 0,
    agentsMost: 0,
    attempts: 0,
    crashes: 0,
    replayed: 0,
    doubled: 0,
    late: 0,
    vanished: 0,
    overReported: 0,
    priceChanges: 0,
    outOfBudget: 0,
    spentMicros: 0,
  }
}

interface Asked {
  task: string
  attempt: number
  agent: string
}

const CODES: readonly [FailureCode, ...FailureCode[]] = [
  'throttled',
  'unavailable',
  'timeout',
  'garbage',
  'refused',
  'crashed',
  'cut-off',
  'slice-exceeded',
  'cancelled',
]

/** Plays one random schedule and checks the money after each event. Returns the first thing that is wrong, or null. */
export function playSchedule(seed: number, tally: MoneyTally): string | null {
  const play = new Play(randomOf(seed), tally)
  return play.run()
}

class Play {
  readonly #random: Random
  readonly #tally: MoneyTally
  readonly #terms: Terms
  /** What the market asks; the session took its prices from here when it opened. */
  readonly #market: Record<'input' | 'cacheRead' | 'cacheWrite' | 'output', number>
  readonly #opened: Opened
  readonly #oracle: MoneyOracle
  readonly #events: SessionEvent[] = []
  readonly #open = new Map<string, Asked>()
  readonly #over: Asked[] = []
  readonly #said: { agent: string; performative: string; content: JsonObject; charges: Charge[] }[] = []
  #session: Session
  #now = OPENED_AT
  #messages = 0

  constructor(random: Random, tally: MoneyTally) {
    this.#random = random
    this.#tally = tally
    // Most swarms are small, the largest have a thousand agents.
    const agents = Math.max(1, Math.round(1_000 ** (random() ** 1.5)))
    const input = integer(random, 1, 20_000_000)
    this.#market = {
      input,
      cacheRead: Math.floor(input * random()),
      cacheWrite: Math.floor(input * (0.5 + random())),
      output: integer(random, 1, 80_000_000),
    }
    this.#terms = {
      model: 'market/model',
      price: { model: 'market/model', ...this.#market, source: 'drawn' },
      callsMax: integer(random, 1, 3),
      inputTokensMax: integer(random, 1, 50_000),
      outputTokensMax: integer(random, 1, 5_000),
    }
    this.#oracle = new MoneyOracle(this.#terms)
    this.#opened = this.#opening(agents)
    this.#session = openSession(structuredClone(this.#opened))
    tally.schedules++
    tally.agentsMost = Math.max(tally.agentsMost, agents)
  }

  #opening(agents: number): Opened {
    const random = this.#random
    const standard = defaultMission()
    const tasks = integer(random, 1, Math.max(2, Math.ceil(agents * 1.5)))
    const slice = this.#terms.callsMax * (this.#terms.inputTokensMax * 30 + this.#terms.outputTokensMax * 80)
    const mission: Mission = {
      ...standard,
      name: 'schedule',
      objective: 'Spend.',
      agents: {
        ...standard.agents,
        worker: { count: agents, concurrency: integer(random, 1, 2), model: 'auto' },
      },
      budgetMicros: Math.floor(slice * tasks * random() ** 2 * 1.5),
      attemptsMax: integer(random, 1, 4),
      tasks: Array.from({ length: tasks }, (_, i) => ({
        id: `t${i}`,
        question: '?',
        needs: i > 0 && random() < 0.1 ? [`t${integer(random, 0, i - 1)}`] : [],
      })),
    }
    const terms = { planner: this.#terms, worker: this.#terms, synthesizer: this.#terms }
    return { kind: 'opened', at: OPENED_AT, session: SESSION, mission, terms, synthesize: false }
  }

  run(): string | null {
    this.#epoch()
    let fault = this.#fault()
    const steps = 15 + 3 * Math.min(60, this.#session.agents.length)
    for (let i = 0; i < steps && fault === null; i++) {
      this.#happen()
      fault = this.#fault()
    }
    // Whoever is still out reports, or never does; late reports of the lost come in.
    while (fault === null && this.#open.size > 0) {
      if (this.#random() < 0.1) this.#waitForLeases()
      else this.#answerSome(this.#open.size)
      fault = this.#fault()
    }
    for (const one of this.#over.slice(-50)) if (this.#random() < 0.5) this.#answer(one)
    fault ??= this.#fault() ?? this.#oracle.ledgerFault(this.#session.ledger.values())
    if (fault === null && this.#events.length < 400 && this.#random() < 0.25) fault = this.#replayed()
    const { phase, budget } = this.#session
    if (phase.is === 'stopped' && phase.why.is === 'out-of-budget') this.#tally.outOfBudget++
    this.#tally.spentMicros += budget.spent
    return fault
  }

  #happen(): void {
    const random = this.#random
    const draw = random()
    if (draw < 0.62) this.#answerSome(integer(random, 1, Math.max(1, Math.ceil(this.#open.size / 8))))
    else if (draw < 0.72) this.#repeat()
    else if (draw < 0.78) this.#lateReport()
    else if (draw < 0.84) this.#wait(integer(random, 0, 90_000))
    else if (draw < 0.89) this.#waitForLeases()
    else if (draw < 0.93) this.#epoch()
    else if (draw < 0.95) this.#changePrices()
    else if (draw < 0.97) this.#garble()
    else this.#raise()
  }

  /** A coordinator died; the next one begins, in a quarter of the cases from the journal alone. */
  #epoch(): void {
    this.#tally.crashes++
    if (this.#random() < 0.25 && this.#events.length < 60) this.#session = this.#fold()
    const epoch = this.#session.epoch + 1
    this.#now += integer(this.#random, 0, 5_000)
    this.#feed({ kind: 'epoch-started', at: this.#now, epoch, keyId: `key-${epoch}` })
    this.#feed({ kind: 'time-passed', at: this.#now })
  }

  /** The session as its journal gives it back: through JSON, with the prices that stand there. */
  #fold(): Session {
    this.#tally.replayed++
    const session = openSession(JSON.parse(JSON.stringify(this.#opened)) as Opened)
    for (const event of this.#events) step(session, JSON.parse(JSON.stringify(event)) as SessionEvent)
    return session
  }

  #replayed(): string | null {
    const { budget, ledger } = this.#fold()
    const same =
      JSON.stringify(budget) === JSON.stringify(this.#session.budget) &&
      JSON.stringify([...ledger]) === JSON.stringify([...this.#session.ledger])
    return same ? null : 'the journal brings other money than the session had'
  }

  /** Up to four times the price, or a quarter, from now on: for sessions that open later. */
  #changePrices(): void {
    this.#tally.priceChanges++
    for (const what of ['input', 'cacheRead', 'cacheWrite', 'output'] as const) {
      this.#market[what] = Math.ceil(this.#market[what] * 4 ** (2 * this.#random() - 1))
    }
  }

  #raise(): void {
    const { limit } = this.#session.budget
    const budgetMicros = Math.floor((limit ?? 0) * (0.5 + this.#random()))
    this.#feed({ kind: 'limits-raised', at: this.#now, budgetMicros, deadlineAt: null })
    if (this.#session.phase.is === 'stopped') this.#epoch()
  }

  #waitForLeases(): void {
    const wakeAt = nextWakeAt(this.#session) ?? this.#now
    this.#wait(Math.max(0, wakeAt - this.#now) + integer(this.#random, 0, 400_000))
  }

  #wait(ms: number): void {
    this.#now += ms
    this.#feed({ kind: 'time-passed', at: this.#now })
  }

  #answerSome(count: number): void {
    let left = count
    for (const one of this.#open.values()) {
      if (left-- <= 0) return
      this.#answer(one)
    }
  }

  #answer({ task, attempt, agent }: Asked): void {
    const random = this.#random
    const charges = Array.from({ length: integer(random, 0, this.#terms.callsMax) }, () => this.#charge())
    const isResult = random() < 0.7
    const common = { task, attempt, charges: charges as unknown as Json, limits: null }
    const content: JsonObject = isResult
      ? { kind: 'result', ...common, outcome: { answer: '', claims: [] } }
      : { kind: 'failure', ...common, code: pick(random, CODES), detail: 'drawn', retry_after_ms: null }
    const said = { agent, performative: isResult ? 'inform' : 'failure', content, charges }
    this.#said.push(said)
    this.#say(said)
  }

  #charge(): Charge {
    const random = this.#random
    const { inputTokensMax, outputTokensMax, callsMax } = this.#terms
    const call = integer(random, 1, callsMax)
    const model = random() < 0.05 ? 'market/other' : this.#terms.model
    if (random() < 0.1) return { call, model, usage: null }
    // Now and then an agent reports more than it can have used.
    const times = random() < 0.03 ? 50 : 1
    if (times > 1) this.#tally.overReported++
    const inputTokens = integer(random, 0, inputTokensMax * times)
    const cacheReadTokens = random() < 0.5 ? 0 : integer(random, 0, inputTokens)
    const cacheWriteTokens = random() < 0.5 ? 0 : integer(random, 0, inputTokens - cacheReadTokens)
    const outputTokens = integer(random, 0, outputTokensMax * times)
    const reasoningTokens = random() < 0.5 ? 0 : integer(random, 0, outputTokens)
    return {
      call,
      model,
      usage: { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens },
    }
  }

  /** A report that came before comes again, word for word, or with other figures. */
  #repeat(): void {
    if (this.#said.length === 0) return
    const said = this.#said[integer(this.#random, 0, this.#said.length - 1)]
    if (said === undefined) return
    this.#tally.doubled++
    const charges = this.#random() < 0.5 ? said.charges : [this.#charge()]
    this.#say({ ...said, content: { ...said.content, charges: charges as unknown as Json }, charges })
  }

  #lateReport(): void {
    const one = this.#over[integer(this.#random, 0, Math.max(0, this.#over.length - 1))]
    if (one === undefined) return
    this.#tally.late++
    this.#answer(one)
  }

  /** A reply that nobody can read: whatever its agent had under way is charged in full. */
  #garble(): void {
    const [one] = this.#open.values()
    if (one !== undefined) this.#receive(one.agent, 'inform', { kind: 'nonsense' })
  }

  #say(said: { agent: string; performative: string; content: JsonObject; charges: Charge[] }): void {
    const { task, attempt } = said.content
    this.#oracle.answered(String(task), Number(attempt), said.charges)
    this.#open.delete(`${task} ${attempt}`)
    this.#receive(said.agent, said.performative, said.content)
  }

  #receive(agent: string, performative: string, content: JsonObject): void {
    this.#now += integer(this.#random, 0, 50)
    const messageId = `if://message/${SESSION}/${agent}/1.${++this.#messages}`
    const message = { sender: agentName(SESSION, agent), performative, messageId, content }
    this.#feed({ kind: 'received', at: this.#now, message })
  }

  #feed(event: SessionEvent): void {
    this.#events.push(event)
    this.#tally.events++
    const { drafts } = step(this.#session, event)
    for (const { performative, receiver, content } of drafts) {
      if (performative !== 'request') continue
      const { task, attempt } = content as { task: string; attempt: number }
      const agent = receiver.slice(agentName(SESSION, '').length)
      const key = `${task} ${attempt}`
      if (this.#session.tasksById.get(task)?.attempts[attempt - 1]?.state !== 'open') continue
      if (!this.#open.has(key)) this.#tally.attempts++
      this.#open.set(key, { task, attempt, agent })
      this.#oracle.asked(task, attempt, agent)
    }
    if (event.kind === 'received' && drafts.length === 0 && this.#session.running.size === this.#open.size)
      return
    for (const [key, one] of this.#open) {
      if (this.#session.tasksById.get(one.task)?.attempts[one.attempt - 1]?.state !== 'vanished') continue
      this.#open.delete(key)
      this.#over.push(one)
      this.#tally.vanished++
      this.#oracle.vanished(one.task, one.attempt)
    }
  }

  #fault(): string | null {
    const { budget } = this.#session
    const oracle = this.#oracle
    for (const what of ['reserved', 'spent', 'unreconciled'] as const) {
      if (budget[what] !== oracle[what]) return `${what} is ${budget[what]}, it must be ${oracle[what]}`
    }
    if (!Number.isSafeInteger(budget.spent) || budget.spent < 0 || budget.reserved < 0)
      return 'money below zero'
    const limit = budget.limit ?? 0
    if (budget.spent + budget.reserved > limit) {
      return `overspent: ${budget.spent} spent and ${budget.reserved} reserved of ${limit}`
    }
    return null
  }
}
