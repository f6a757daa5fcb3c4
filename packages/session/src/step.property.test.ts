import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Charge, FailureCode, TaskRequest } from './contents.ts'
import type { SessionEvent } from './event.ts'
import type { Mission } from './mission.ts'
import { openSession } from './open-session.ts'
import { nextWakeAt } from './schedule.ts'
import { isFinal, type Session } from './state.ts'
import { step } from './step.ts'
import { callCeilingMicros } from './terms.ts'
import {
  answer,
  type Driven,
  type DriveOptions,
  drive,
  FREE,
  failureOf,
  missionOf,
  OPENED_AT,
  PRICED,
  resultOf,
  SESSION,
} from './testing/drive.ts'
import { faultsOf, isSettled, sequenceFault } from './testing/invariants.ts'
import { MoneyOracle } from './testing/money-oracle.ts'
import { snapshotOf } from './testing/snapshot.ts'

const LEASE_GRACE_MS = 30_000
const CODES: readonly FailureCode[] = [
  'throttled',
  'unavailable',
  'timeout',
  'garbage',
  'refused',
  'crashed',
  'slice-exceeded',
  'cut-off',
  'invalid-request',
  'unauthorized',
  'spend-limit',
  'cancelled',
]

interface World {
  mission: Mission
  options: DriveOptions
  ceiling: number
}

/** Up to 60 tasks, each needing some of those before it; or none, and the planner makes them. */
const world: fc.Arbitrary<World> = fc
  .record({
    needs: fc.array(fc.array(fc.nat(59), { maxLength: 3 }), { maxLength: 60, size: 'max' }),
    workers: fc.integer({ min: 1, max: 8 }),
    concurrency: fc.integer({ min: 1, max: 3 }),
    attemptsMax: fc.integer({ min: 1, max: 4 }),
    budget: fc.option(fc.integer({ min: 0, max: 30_000 })),
    deadline: fc.option(fc.integer({ min: 1_000, max: 3_000_000 })),
    priced: fc.boolean(),
    synthesize: fc.boolean(),
  })
  .map(({ needs, workers, concurrency, attemptsMax, budget, deadline, priced, synthesize }) => {
    const tasks: Record<string, string[]> = {}
    for (const [i, some] of needs.entries()) {
      tasks[`t${i}`] = i === 0 ? [] : [...new Set(some.map((need) => `t${need % i}`))]
    }
    const mission = missionOf(tasks, { budgetMicros: budget, deadlineMs: deadline, attemptsMax })
    mission.agents.worker = { count: workers, concurrency, model: 'auto' }
    const terms = priced ? PRICED : FREE
    const options = { terms: { planner: terms, worker: terms, synthesizer: terms }, synthesize }
    return { mission, options, ceiling: callCeilingMicros(terms) }
  })

const charges: fc.Arbitrary<Charge[]> = fc.array(
  fc.record({
    call: fc.integer({ min: 1, max: 2 }),
    model: fc.constantFrom('test/priced', 'test/priced', 'test/other'),
    usage: fc.option(
      fc.record({ inputTokens: fc.nat(100), outputTokens: fc.nat(10) }).map((tokens) => ({
        ...tokens,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        reasoningTokens: 0,
      })),
    ),
  }),
  { maxLength: 3 },
)

/** `pick` chooses among the attempts that were ever asked for: those under way, ended, lost or answered before. */
const happening = fc.oneof(
  { weight: 12, arbitrary: fc.record({ is: fc.constant('result' as const), pick: fc.nat(), charges }) },
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('failure' as const),
      pick: fc.nat(),
      charges,
      code: fc.constantFrom(...CODES),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('wait' as const),
      ms: fc.integer({ min: -60_000, max: 120_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('wait' as const),
      ms: fc.integer({ min: 300_000, max: 400_000 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ is: fc.constant('wake' as const) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('malformed' as const), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('forged' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('epoch' as const), downMs: fc.nat(1_000_000) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('interrupt' as const) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('raise' as const), micros: fc.nat(60_000) }) },
)
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never
const script = fc.array(happening, { maxLength: 120, size: 'max' })

/** Plays happenings as the runtime would bring them, and checks everything after each. */
class Play {
  readonly driven: Driven
  readonly #oracle: MoneyOracle
  /** By task and attempt: when its lease ends. Only attempts that nobody has answered or lost. */
  readonly #leases = new Map<string, { request: TaskRequest; agent: string; until: number }>()
  readonly #asked: { request: TaskRequest; agent: string }[] = []
  readonly #settled = new Map<string, string>()
  readonly #timeoutMs: number
  #draftsSeen = 0

  constructor({ mission, options, ceiling }: World) {
    this.driven = drive(mission, options)
    this.#oracle = new MoneyOracle(ceiling)
    this.#timeoutMs = mission.attemptTimeoutMs
    this.epoch()
  }

  epoch(): void {
    const { driven } = this
    const { session } = driven
    const epoch = session.epoch + 1
    driven.feed({ kind: 'epoch-started', at: driven.now, epoch, keyId: `key-${epoch}` })
    for (const lease of this.#leases.values()) lease.until = session.at + this.#timeoutMs + LEASE_GRACE_MS
    this.wait(0)
  }

  wait(ms: number): void {
    const { driven } = this
    driven.now += ms
    const before = driven.session.phase
    const graceUntil = before.is === 'draining' ? before.graceUntil : null
    driven.time(0)
    const { at } = driven.session
    for (const [key, { request, until }] of this.#leases) {
      if (until <= at || (graceUntil !== null && graceUntil <= at)) this.#vanish(key, request)
    }
    this.check()
  }

  play(happening: Happening): void {
    const { driven } = this
    switch (happening.is) {
      case 'result':
      case 'failure': {
        const asked = this.#asked[happening.pick % Math.max(1, this.#asked.length)]
        if (asked !== undefined)
          this.reply(asked, happening.charges, 'code' in happening ? happening.code : null)
        return
      }
      case 'malformed': {
        const agent = this.#agent(happening.pick)
        driven.receive(agent, 'inform', { kind: 'result', nonsense: true })
        for (const [key, lease] of this.#leases) if (lease.agent === agent) this.#vanish(key, lease.request)
        break
      }
      case 'forged': {
        const asked = this.#asked[happening.pick % Math.max(1, this.#asked.length)]
        const other = this.#agent(happening.pick >> 3)
        if (asked === undefined || other === asked.agent) return
        driven.receive(other, 'inform', resultOf(asked.request.task, asked.request.attempt, answer('forged')))
        driven.receive(other, 'inform', resultOf('t0', 99, answer('forged')))
        break
      }
      case 'wait':
        this.wait(happening.ms)
        return
      case 'wake':
        this.wait(Math.max(0, (nextWakeAt(driven.session) ?? driven.now) - driven.now))
        return
      case 'epoch':
        driven.now += happening.downMs
        this.epoch()
        return
      case 'interrupt':
        driven.interrupt()
        break
      case 'raise':
        driven.raise(happening.micros)
    }
    this.check()
  }

  reply(
    { request, agent }: { request: TaskRequest; agent: string },
    paid: readonly Charge[],
    code: FailureCode | null,
  ): void {
    const { task, attempt, role } = request
    const outcome = answer(`${task} by attempt ${attempt}`)
    if (role === 'planner') outcome.tasks = [{ id: 'p0', question: 'p0?', needs: [] }]
    if (code === null) this.driven.receive(agent, 'inform', resultOf(task, attempt, outcome, paid))
    else this.driven.receive(agent, 'failure', failureOf(task, attempt, code, paid))
    this.#oracle.answered(task, attempt, paid)
    this.#leases.delete(`${task} ${attempt}`)
    this.check()
  }

  /** Faults stop: a coordinator is there, everybody answers, time goes on. */
  settle(): void {
    const { driven } = this
    driven.raise(10_000_000, driven.now + 1e9)
    this.epoch()
    for (let rounds = 0; driven.session.phase.is !== 'stopped'; rounds++) {
      expect(rounds).toBeLessThan(2_000)
      const [open] = this.#leases.values()
      if (open !== undefined) this.reply(open, [], null)
      else this.wait(Math.max(0, (nextWakeAt(driven.session) ?? 0) - driven.now))
    }
  }

  check(): void {
    const { session, allDrafts } = this.driven
    for (const draft of allDrafts.slice(this.#draftsSeen)) {
      if (draft.performative !== 'request') continue
      const request = draft.content as unknown as TaskRequest
      const key = `${request.task} ${request.attempt}`
      const agent = draft.receiver.slice(draft.receiver.lastIndexOf('/') + 1)
      if (!this.#leases.has(key)) this.#asked.push({ request, agent })
      this.#oracle.requested(draft)
      this.#leases.set(key, { request, agent, until: session.at + this.#timeoutMs + LEASE_GRACE_MS })
    }
    this.#draftsSeen = allDrafts.length
    const faults = faultsOf(session)
    if (faults.length > 0) throw new Error(faults.join('; '))
    const { budget } = session
    expect(budget.reserved).toBe(this.#oracle.reserved)
    expect(budget.spent).toBe(this.#oracle.spent)
    expect(budget.unreconciled).toBe(this.#oracle.unreconciled)
    if (budget.spent + budget.reserved > 0) {
      expect(budget.spent + budget.reserved).toBeLessThanOrEqual(budget.limit ?? 0)
    }
    this.#checkAcceptedOnce(session)
  }

  #checkAcceptedOnce(session: Session): void {
    for (const task of session.tasks) {
      const { status } = task
      const known = this.#settled.get(task.id)
      const is = status.is === 'finished' ? `finished: ${status.outcome.answer}` : status.is
      if (known !== undefined) expect(is).toBe(known)
      else if (isSettled(status)) this.#settled.set(task.id, is)
      if (status.is === 'finished') expect(status.outcome.answer).not.toBe('forged')
    }
  }

  #vanish(key: string, request: TaskRequest): void {
    this.#oracle.vanished(request.task, request.attempt)
    this.#leases.delete(key)
  }

  #agent(pick: number): string {
    const { agents } = this.driven.session
    return agents[pick % agents.length]?.name ?? ''
  }
}

const RUNS = { numRuns: 100 }

test('whatever happens in whatever order, the money adds up, places are kept and nothing is accepted twice', () => {
  fc.assert(
    fc.property(world, script, (which, happenings) => {
      const play = new Play(which)
      for (const each of happenings) play.play(each)
      expect(sequenceFault(play.driven.allDrafts)).toBeNull()
    }),
    RUNS,
  )
})

test('once faults stop and everybody answers, every session completes', () => {
  fc.assert(
    fc.property(world, script, (which, happenings) => {
      const play = new Play(which)
      for (const each of happenings) play.play(each)
      play.settle()
      const { session } = play.driven
      expect(session.phase).toMatchObject({ is: 'stopped', why: { is: 'completed' } })
      expect(session.tasksOpen).toBe(0)
      expect(session.budget).toMatchObject({ reserved: 0 })
    }),
    RUNS,
  )
})

test('a cancelled session stops within the grace, whatever happens after', () => {
  fc.assert(
    fc.property(world, script, script, (which, before, after) => {
      const play = new Play(which)
      for (const each of before) play.play(each)
      const ended = isEnded(play.driven.session)
      play.driven.cancel()
      play.check()
      for (const each of after) play.play(each)
      play.wait(Math.max(0, play.driven.session.at - play.driven.now) + 400_000)
      if (!ended) expect(play.driven.session.phase).toMatchObject({ is: 'stopped', why: { is: 'cancelled' } })
    }),
    RUNS,
  )
})

test('the same events, all at once or in two parts, bring the same session and the same drafts', () => {
  fc.assert(
    fc.property(world, script, fc.nat(), (which, happenings, cut) => {
      const play = new Play(which)
      for (const each of happenings) play.play(each)
      const { events, session, allDrafts } = play.driven
      const replayed = reopen(which)
      const drafts = events.flatMap((event) => step(replayed, structuredClone(event)).drafts)
      expect(snapshotOf(replayed)).toEqual(snapshotOf(session))
      expect(drafts).toEqual(allDrafts)

      const at = cut % (events.length + 1)
      const halfway = reopen(which)
      for (const event of throughJson(events.slice(0, at))) step(halfway, event)
      for (const event of throughJson(events.slice(at))) step(halfway, event)
      expect(snapshotOf(halfway)).toEqual(snapshotOf(session))
    }),
    { numRuns: 50 },
  )
})

/** Events as a journal gives them back. */
function throughJson(events: readonly SessionEvent[]): SessionEvent[] {
  return events.map((event) => JSON.parse(JSON.stringify(event)) as SessionEvent)
}

function reopen({ mission, options }: World): Session {
  const { planner = FREE, worker = FREE, synthesizer = FREE } = options.terms ?? {}
  const terms = { planner, worker, synthesizer }
  const synthesize = options.synthesize ?? false
  return openSession({ kind: 'opened', at: OPENED_AT, session: SESSION, mission, terms, synthesize })
}

function isEnded({ phase }: Session): boolean {
  if (phase.is === 'running') return false
  return phase.is === 'draining' ? phase.then.is === 'completed' : isFinal(phase.why)
}
