import { agentName, type Json, type MessageDraft } from '@infrafabric/protocol'
import type { Charge, FailureCode, TaskRequest } from '../contents.ts'
import type { Notice } from '../decision.ts'
import type { SessionEvent } from '../event.ts'
import type { Mission } from '../mission.ts'
import { defaultMission } from '../mission-defaults.ts'
import { openSession } from '../open-session.ts'
import type { Attempt, Session, Task } from '../state.ts'
import { step } from '../step.ts'
import type { Terms } from '../terms.ts'
import type { ModelPrice, Outcome, Role } from '../work.ts'

export const SESSION = 'drill-7f3k'
export const OPENED_AT = 1_800_000_000_000

/** 2 micro-dollars an input token, 10 an output token: a cost can be worked out by hand. */
export const PRICE: ModelPrice = {
  model: 'test/priced',
  input: 2_000_000,
  cacheRead: 2_000_000,
  cacheWrite: 2_000_000,
  output: 10_000_000,
  source: 'tests',
}

export const FREE: Terms = {
  model: 'test/free',
  price: null,
  callsMax: 4,
  inputTokensMax: 100,
  outputTokensMax: 10,
}
/** A call costs 300 at the most, an attempt 600. */
export const PRICED: Terms = { ...FREE, model: 'test/priced', price: PRICE, callsMax: 2 }

export interface DriveOptions {
  terms?: Partial<Record<Role, Terms>>
  synthesize?: boolean
}

/** `{ a: [], b: ['a'] }`: b needs a. */
export function missionOf(tasks: Record<string, string[]>, changes: Partial<Mission> = {}): Mission {
  return {
    ...defaultMission(),
    name: 'drill',
    objective: 'Find out.',
    tasks: Object.entries(tasks).map(([id, needs]) => ({ id, question: `${id}?`, needs })),
    ...changes,
  }
}

export function answer(text: string): Outcome {
  return { answer: text, claims: [] }
}

/** One call of so many tokens. */
export function charge(call: number, inputTokens: number, outputTokens: number, model = PRICE.model): Charge {
  const usage = { inputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens, reasoningTokens: 0 }
  return { call, model, usage }
}

export function drive(mission: Mission, options: DriveOptions = {}): Driven {
  return new Driven(mission, options)
}

/** A session under test: feeds it events, and keeps what it answered to the last one and to all. */
export class Driven {
  readonly session: Session
  readonly events: SessionEvent[] = []
  readonly allDrafts: MessageDraft[] = []
  /** Of the last event. */
  drafts: MessageDraft[] = []
  notices: Notice[] = []
  /** What the clock says. */
  now = OPENED_AT
  #messages = 0

  constructor(mission: Mission, options: DriveOptions = {}) {
    const { planner = FREE, worker = FREE, synthesizer = FREE } = options.terms ?? {}
    this.session = openSession({
      kind: 'opened',
      at: OPENED_AT,
      session: SESSION,
      mission,
      terms: { planner, worker, synthesizer },
      synthesize: options.synthesize ?? false,
    })
  }

  feed(event: SessionEvent): this {
    this.events.push(event)
    const { drafts, notices } = step(this.session, event)
    this.drafts = drafts
    this.notices = notices
    this.allDrafts.push(...drafts)
    return this
  }

  /** A coordinator takes over, as the runtime does it: the epoch, then the time. */
  epoch(): this {
    const epoch = this.session.epoch + 1
    this.feed({ kind: 'epoch-started', at: this.now, epoch, keyId: `key-${epoch}` })
    return this.time(0)
  }

  time(ms: number): this {
    this.now += ms
    return this.feed({ kind: 'time-passed', at: this.now })
  }

  interrupt(): this {
    return this.feed({ kind: 'interrupted', at: this.now })
  }

  raise(budgetMicros: number | null, deadlineAt: number | null = null): this {
    return this.feed({ kind: 'limits-raised', at: this.now, budgetMicros, deadlineAt })
  }

  receive(sender: string, performative: string, content: Json): this {
    const messageId = `if://message/${SESSION}/${sender}/1.${++this.#messages}`
    const message = { sender: agentName(SESSION, sender), performative, messageId, content }
    return this.feed({ kind: 'received', at: this.now, message })
  }

  cancel(): this {
    return this.receive('operator', 'cancel', { kind: 'cancel-session' })
  }

  /** The agent that has the task's last attempt brings a result. */
  finish(task: string, outcome: Outcome = answer(task), charges: readonly Charge[] = []): this {
    const attempt = this.attempt(task)
    return this.receive(attempt.agent.name, 'inform', resultOf(task, attempt.number, outcome, charges))
  }

  fail(task: string, code: FailureCode, charges: readonly Charge[] = []): this {
    const attempt = this.attempt(task)
    return this.receive(attempt.agent.name, 'failure', failureOf(task, attempt.number, code, charges))
  }

  task(id: string): Task {
    const task = this.session.tasksById.get(id)
    if (task === undefined) throw new Error(`no task "${id}"`)
    return task
  }

  /** The last attempt at the task. */
  attempt(id: string): Attempt {
    const attempt = this.task(id).attempts.at(-1)
    if (attempt === undefined) throw new Error(`no attempt at "${id}"`)
    return attempt
  }

  statuses(): Record<string, string> {
    return Object.fromEntries(this.session.tasks.map((task) => [task.id, task.status.is]))
  }

  /** `request a 1`, for each draft of the last event. */
  get said(): string[] {
    return this.drafts.map(({ performative, content }) => {
      const { task, attempt } = content as unknown as TaskRequest
      return `${performative} ${task} ${attempt}`
    })
  }

  noticed<K extends Notice['kind']>(kind: K): Extract<Notice, { kind: K }>[] {
    return this.notices.filter((notice): notice is Extract<Notice, { kind: K }> => notice.kind === kind)
  }
}

export function resultOf(
  task: string,
  attempt: number,
  outcome: Outcome,
  charges: readonly Charge[] = [],
): Json {
  return { kind: 'result', task, attempt, outcome, charges, limits: null } as unknown as Json
}

export function failureOf(
  task: string,
  attempt: number,
  code: FailureCode,
  charges: readonly Charge[] = [],
): Json {
  const what = { kind: 'failure', task, attempt, code, detail: `it was ${code}`, retry_after_ms: null }
  return { ...what, charges, limits: null } as unknown as Json
}
