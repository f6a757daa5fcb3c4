import type { EvidenceIndex } from '@infrafabric/evidence'
import { DriverError } from '@infrafabric/ports'
import type { Signer } from '@infrafabric/protocol'
import {
  AgentHost,
  cancelMessage,
  coordinate,
  loadSession,
  raiseLimits,
  startSession,
} from '@infrafabric/runtime'
import { isFinal, type Session } from '@infrafabric/session'
import { Bus } from './bus.ts'
import { Checks } from './checks.ts'
import { Disk } from './disk.ts'
import { Faults } from './faults.ts'
import { Hostile } from './hostile.ts'
import { simulatedClock, simulatedJournal, simulatedObjects } from './ports.ts'
import { newProgram, type Process, type Program } from './process.ts'
import { Provider } from './provider.ts'
import { Random } from './random.ts'
import type { Sabotage } from './sabotage.ts'
import { drawScenario, type Scenario } from './scenario.ts'
import { Scheduler } from './scheduler.ts'
import { realSigning, type Signing, standInSigning } from './signers.ts'
import { Violation } from './violation.ts'

export interface WorldOptions {
  sabotage?: Sabotage
  realSignatures?: boolean
  log?: (line: string) => void
}

export interface AgentKey {
  agent: string
  signer: Signer
  epoch: number
}

const HOUR_MS = 3_600_000
/** Nothing may take longer once faults have stopped. */
const LIVENESS_MS = 12 * HOUR_MS
const PROCESSES_MAX = 3

/** No evidence: what agents find in it is another test's matter. */
const noEvidence = { index: { search: () => [] } as unknown as EvidenceIndex, documents: [] }

/** One seed: a session, the processes that run it, and everything that goes wrong around them. */
export class World {
  readonly random: Random
  readonly scheduler: Scheduler
  readonly faults: Faults
  readonly scenario: Scenario
  readonly signing: Signing
  readonly disk: Disk
  readonly bus: Bus
  readonly provider: Provider
  readonly checks: Checks
  readonly processes: Process[] = []
  /** Every signer of every host so far, with the agent and epoch it was granted for. */
  readonly agentKeys: AgentKey[] = []
  violation: Violation | null = null
  readonly #operator: Signer
  readonly #sabotage: Sabotage
  readonly #byCoordinator = new Map<Program, Process>()
  readonly #hostile: Hostile
  #started = 0
  /** No process may start before. */
  #stoppedUntil = 0
  /** When the last process starts that is to start. */
  #lastStart = 0

  constructor(seed: number, options: WorldOptions) {
    this.random = new Random(seed)
    this.scheduler = new Scheduler(this.random, options.log ?? null)
    this.faults = new Faults(this.random)
    this.scenario = drawScenario(this.random)
    this.signing = options.realSignatures ? realSigning : standInSigning
    this.#operator = this.signing.newSigner(this.random)
    this.#sabotage = options.sabotage ?? {}
    this.checks = new Checks(this.#sabotage)
    for (const agent of this.scenario.hostile) this.checks.hostile.add(agent)
    this.disk = new Disk(
      this,
      { sync: this.#sabotage.sync ?? true, fence: this.#sabotage.fence ?? true },
      (rows, writer) => {
        const process = this.#byCoordinator.get(writer)
        if (process === undefined) throw new Error(`${writer.label} is no coordinator`)
        this.#guard(() => this.checks.committed(rows, process, this.disk, this.provider))
      },
    )
    this.bus = new Bus(this)
    this.provider = new Provider(this, this.scenario.price, (key) =>
      this.#guard(() => this.checks.checkBill(key, this.provider)),
    )
    this.#hostile = new Hostile(this)
  }

  /** Runs until the session is over: `steps` with faults, then without. Throws Violation. */
  async run(steps: number): Promise<void> {
    while (this.violation === null && this.scheduler.steps < steps) {
      if (!this.#isAnybodyAlive() && this.#isOver()) break
      this.#startWhenNobodyRuns()
      this.#inject()
      await this.scheduler.step()
    }
    await this.#recover()
    if (this.violation !== null) throw this.violation
  }

  /** Faults have stopped: with time the session must end. */
  async #recover(): Promise<void> {
    this.faults.healed = true
    const { scheduler } = this
    // Whoever is to start much later counts as alive till then.
    const until = Math.max(scheduler.now, this.#stoppedUntil, this.#lastStart) + LIVENESS_MS
    for (const process of this.processes) {
      for (const program of [process.coordinator, process.host]) program.partition = null
    }
    while (this.violation === null && !(this.#isOver() && !this.#isAnybodyAlive())) {
      this.#startWhenNobodyRuns()
      const progressed = await scheduler.step()
      if (!progressed || scheduler.now > until) {
        throw (
          this.violation ??
          new Violation('liveness', `${progressed ? 'too slow' : 'nothing is under way'}: ${this.#where()}`)
        )
      }
    }
  }

  #where(): string {
    const { session } = this.checks
    return JSON.stringify(session?.phase ?? null)
  }

  /** Final: nobody may resume it, or everything that stopped it will stop it again. */
  #isOver(): boolean {
    const phase = this.checks.session?.phase
    if (phase?.is !== 'stopped') return false
    return isFinal(phase.why) || this.faults.healed || this.#started > 40
  }

  #isAnybodyAlive(): boolean {
    return this.processes.some((process) => !process.ended)
  }

  #startWhenNobodyRuns(): void {
    if (this.#isAnybodyAlive()) return
    this.#start(Math.max(0, this.#stoppedUntil - this.scheduler.now))
  }

  #start(delayMs: number): void {
    const { random, faults } = this
    const number = ++this.#started
    this.#lastStart = Math.max(this.#lastStart, this.scheduler.now + delayMs)
    const skewed = !faults.healed && random.chance(0.2)
    if (skewed) faults.count('clock-skew')
    const offset = skewed ? random.between(-120_000, 120_000) : 0
    const process: Process = {
      coordinator: newProgram(`c${number}`, offset),
      host: newProgram(`h${number}`, offset + (skewed ? random.between(-60_000, 60_000) : 0)),
      session: null,
      epoch: null,
      interrupt: new AbortController(),
      hostKilled: Promise.withResolvers(),
      ended: false,
    }
    this.processes.push(process)
    this.#byCoordinator.set(process.coordinator, process)
    this.scheduler.after(delayMs, process.coordinator, 'starts', () => {
      this.#live(process).then(
        () => this.#end(process, null),
        (error: unknown) => this.#end(process, error),
      )
    })
  }

  #end(process: Process, error: unknown): void {
    const { scheduler, random } = this
    scheduler.note(`${process.coordinator.label} ends ${error instanceof Error ? error.message : ''}`)
    process.ended = true
    process.coordinator.dead = true
    process.host.dead = true
    this.#forget(process)
    if (error !== null && !isExpected(error)) {
      this.violation ??=
        error instanceof Violation
          ? error
          : new Violation('unexpected error', String(error), { cause: error })
    }
    // Somebody looks after it, sooner or later.
    this.#stoppedUntil = scheduler.now + Math.floor(random.scale(10, 60_000))
  }

  #forget(process: Process): void {
    const at = this.processes.indexOf(process)
    if (at >= 0) this.processes.splice(at, 1)
  }

  /** As the command line runs a session. */
  async #live(process: Process): Promise<void> {
    const { scenario, disk, bus, signing, random } = this
    const { primitives } = signing
    const ofProgram = (program: Program) => ({
      journal: simulatedJournal(this, program, disk),
      objects: simulatedObjects(this, program, disk),
      bus: bus.of(program),
      clock: simulatedClock(this, program),
      primitives,
    })
    const ports = ofProgram(process.coordinator)
    const { session: name, mission, terms, synthesize } = scenario
    if ((await ports.journal.length(name)) === 0) {
      await startSession(
        {
          session: name,
          mission,
          terms,
          synthesize,
          sources: [],
          faults: [],
          operator: this.#operator,
          software: 'simulation',
          at: ports.clock.now(),
        },
        ports,
      )
    }
    const loaded = await loadSession(name, ports, 'run')
    const { session } = loaded
    this.checks.loaded(session, loaded.head.length)
    if (session.phase.is === 'stopped') {
      if (isFinal(session.phase.why)) return
      await raiseLimits(loaded, this.#raised(session), ports, ports.clock.now())
    }
    this.#sabotage.loaded?.(loaded)
    this.#sabotage.state?.(session)
    process.session = session
    const broken = Promise.withResolvers<never>()
    const signers = new Map<string, Signer>()
    const host = new AgentHost(
      {
        session: name,
        mission,
        terms,
        operatorKey: loaded.operatorKey,
        programs: this.#programs(process.host),
        evidence: async () => noEvidence,
        newSigner: () => {
          const signer = signing.newSigner(random)
          signers.set(signer.keyId, signer)
          return signer
        },
        onError: broken.reject,
      },
      ofProgram(process.host),
    )
    try {
      const coordination = coordinate(loaded, ports, {
        operator: this.#operator,
        signer: signing.newSigner(random),
        agents: host.keys,
        onEpoch: (grants, epoch) => {
          process.epoch = epoch
          for (const { agent, keyId } of host.keys) {
            const signer = signers.get(keyId)
            if (signer !== undefined) this.agentKeys.push({ agent, signer, epoch })
          }
          if (!process.host.dead) host.start(grants, epoch)
        },
        onNotice: (notice) => {
          if (notice.kind === 'finished') this.#guard(() => this.checks.notice(notice.task, process))
        },
        interrupt: process.interrupt.signal,
      })
      await Promise.race([coordination, broken.promise])
    } finally {
      if (!process.host.dead) await Promise.race([host.stop(), process.hostKilled.promise])
    }
  }

  #programs(host: Program) {
    const program = { runtime: this.scenario.runtime, model: this.provider.modelFor(host) }
    return { planner: program, worker: program, synthesizer: program }
  }

  #raised(session: Session): { budgetMicros: number | null; deadlineMs: number | null } {
    const { random } = this
    const { limit } = session.budget
    return {
      budgetMicros: limit !== null && random.chance(0.5) ? Math.ceil(limit * 1.5) : null,
      deadlineMs: session.deadlineAt !== null && random.chance(0.5) ? random.between(10_000, 600_000) : null,
    }
  }

  #guard(check: () => void): void {
    try {
      check()
    } catch (error) {
      this.violation ??=
        error instanceof Violation ? error : new Violation('check', String(error), { cause: error })
    }
  }

  /** What may go wrong before the next step. */
  #inject(): void {
    const { random, faults, scheduler, processes } = this
    const now = scheduler.now
    if (faults.fires('hostile')) this.#hostile.act()
    if (processes.length === 0) return
    const victim = random.pick(processes)
    if (faults.fires('kill')) this.#kill(victim, false)
    if (faults.fires('power-loss')) this.#losePower()
    const recovering = processes.find(({ epoch }) => epoch === null)
    if (recovering !== undefined && faults.fires('crash-in-recovery')) {
      if (random.chance(0.3)) this.#losePower()
      else this.#kill(recovering, false)
    }
    const { writer } = this.disk
    if (writer !== null && !writer.dead && faults.fires('crash-in-write')) {
      const process = processes.find(({ coordinator, host }) => coordinator === writer || host === writer)
      if (process === undefined || random.chance(0.7)) this.#losePower()
      else this.#kill(process, false)
    }
    if (faults.fires('long-stop')) {
      this.#losePower()
      this.#stoppedUntil = now + random.between(1, 120) * HOUR_MS
    }
    if (faults.fires('host-kill')) {
      victim.host.dead = true
      victim.hostKilled.resolve()
      this.disk.abandon(victim.host)
    }
    if (faults.fires('pause')) this.#pause(victim)
    if (faults.fires('clock-jump')) {
      const jump = Math.floor(random.scale(100, HOUR_MS)) * (random.chance(0.5) ? 1 : -1)
      victim.coordinator.clockOffset += jump
      victim.host.clockOffset += jump
    }
    if (faults.fires('partition')) {
      const program = random.pick([victim.coordinator, victim.host])
      const until = now + Math.floor(random.scale(100, 120_000))
      program.partition = { way: random.pick(['in', 'out']), until }
    }
    if (processes.length < PROCESSES_MAX && faults.fires('second-coordinator')) {
      this.#start(random.between(0, 5_000))
    }
    if (faults.fires('interrupt')) victim.interrupt.abort()
    if (faults.fires('operator-cancel')) this.#cancel()
  }

  #pause(victim: Process): void {
    const { random, scheduler, faults } = this
    const ms = Math.floor(random.scale(100, 900_000))
    const until = scheduler.now + ms
    victim.host.pausedUntil = until
    if (random.chance(0.3)) return
    victim.coordinator.pausedUntil = until
    const session = this.checks.session
    if (session !== null && [...session.running].some(({ leaseUntil }) => leaseUntil < session.at + ms)) {
      faults.count('paused-past-lease')
    }
  }

  #kill(victim: Process, unpowered: boolean): void {
    const { random, scheduler } = this
    for (const program of [victim.coordinator, victim.host]) {
      program.dead = true
      program.unpowered = unpowered
      if (!unpowered) this.disk.abandon(program)
    }
    scheduler.note(`${victim.coordinator.label} dies`)
    victim.ended = true
    this.#forget(victim)
    this.#stoppedUntil = Math.max(this.#stoppedUntil, scheduler.now + Math.floor(random.scale(10, 60_000)))
  }

  #losePower(): void {
    for (const process of [...this.processes]) this.#kill(process, true)
    this.disk.losePower()
    this.#guard(() => this.checks.checkDurable(this.disk))
  }

  /** The operator's word, sent by another process. */
  #cancel(): void {
    const { session } = this.checks
    if (session === null || session.epoch === 0) return
    const { name, epoch } = session
    const { now } = this.scheduler
    this.bus.post(cancelMessage(name, epoch, this.#operator, now, this.signing.primitives))
  }
}

/** What a process may end with when the world around it fails. */
function isExpected(error: unknown): boolean {
  return error instanceof DriverError && ['conflict', 'unavailable', 'full'].includes(error.code)
}
