import { createEvidenceIndex } from '@infrafabric/evidence'
import {
  type AgentRuntime,
  type LanguageModel,
  ModelError,
  type ModelRequest,
  type ModelResponse,
} from '@infrafabric/ports'
import type { Signer } from '@infrafabric/protocol'
import {
  defaultMission,
  type Mission,
  type ModelPrice,
  type Notice,
  type Role,
  type Session,
  type Terms,
} from '@infrafabric/session'
import { AgentHost, type AgentProgram } from '../agent-host.ts'
import { coordinate } from '../coordinator.ts'
import { loadSession } from '../load-session.ts'
import { nodePrimitives, signerFromSeed } from '../node-primitives.ts'
import { startSession } from '../start-session.ts'
import { MemoryBus } from './memory-bus.ts'
import { MemoryJournal } from './memory-journal.ts'
import { MemoryObjectStore } from './memory-object-store.ts'
import { type Disk, type ProcessOptions, SimulatedProcess } from './process.ts'
import { World, WorldClock } from './world.ts'

export const SESSION = 'drill-7f3k'

/** 1 micro-dollar an input token and 2 an output token. */
const PRICE: ModelPrice = {
  model: 'test/priced',
  input: 1_000_000,
  cacheRead: 1_000_000,
  cacheWrite: 1_000_000,
  output: 2_000_000,
  source: 'tests',
}
/** A call costs 4,000 at the most. */
export const PRICED: Terms = {
  model: 'test/priced',
  price: PRICE,
  callsMax: 1,
  inputTokensMax: 3_000,
  outputTokensMax: 500,
}
export const FUNCTION: Terms = {
  model: 'function',
  price: null,
  callsMax: 0,
  inputTokensMax: 0,
  outputTokensMax: 0,
}

/** What one call of the model costs: 100 input tokens and 50 output tokens. */
export const CALL_MICROS = 200

/** A provider that counts what it was asked and what it billed, whoever lives or dies meanwhile. */
export class CountingModel implements LanguageModel {
  readonly provider = 'test'
  readonly model = 'priced'
  readonly free = false
  /** Prompts, in the order of the calls that were billed. */
  readonly billed: string[] = []
  /** Called for each call: may throw what a provider would, or wait. */
  before: (request: ModelRequest, signal: AbortSignal) => Promise<void> | void = () => undefined
  readonly #clock: WorldClock

  constructor(clock: WorldClock) {
    this.#clock = clock
  }

  async complete(request: ModelRequest, signal: AbortSignal): Promise<ModelResponse> {
    if (signal.aborted) throw new ModelError('aborted', 'not sent', { billed: 'no' })
    await this.before(request, signal)
    this.billed.push(request.prompt)
    await new Promise<void>((resolve) => this.#clock.after(20, resolve))
    if (signal.aborted) throw new ModelError('aborted', 'cut off', { billed: 'unknown' })
    return {
      text: `answer to ${request.prompt}`,
      usage: {
        inputTokens: 100,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        outputTokens: 50,
        reasoningTokens: 0,
      },
      finish: 'stop',
      model: 'priced-1',
    }
  }

  async check(): Promise<void> {}
}

/** Asks its model once, about its task. */
const askingAgent: AgentRuntime = {
  name: 'asking',
  async perform(brief, tools) {
    const { text } = await tools.complete({ system: '', prompt: brief.task, outputTokensMax: 500 })
    return { answer: text, claims: [] }
  },
}

export interface DrillOptions {
  seed?: number
  /** `{ a: [], b: ['a'] }`: b needs a. */
  tasks: Record<string, string[]>
  mission?: Partial<Mission>
  terms?: Terms
  runtime?: AgentRuntime
  workers?: number
  /** Put between all processes and what they share. */
  wrap?(disk: Disk, world: World): Disk
}

export interface LifeOptions extends ProcessOptions {
  interrupt?: AbortSignal
  /** Called before the process does anything. */
  onProcess?(process: SimulatedProcess): void
}

export type Ending = { is: 'stopped'; session: Session } | { is: 'died' } | { is: 'failed'; error: unknown }

/**
 * One session in a world of its own. `live` runs a process from loading the journal to the session's stop, its own
 * death or an error; several may live at the same time.
 */
export class Drill {
  readonly world: World
  readonly disk: Disk
  readonly model: CountingModel
  readonly operator: Signer
  readonly notices: Notice[] = []
  /** Keys of the agents of the last process, by name as in `h01`. */
  readonly agents = new Map<string, Signer>()
  /** Calls of ports that the last process made. */
  calls = 0
  readonly #options: DrillOptions

  constructor(options: DrillOptions) {
    this.#options = options
    this.world = new World(options.seed ?? 1)
    const clock = new WorldClock(this.world)
    const disk = {
      journal: new MemoryJournal(() => this.world.now),
      bus: new MemoryBus(clock),
      objects: new MemoryObjectStore(),
    }
    this.disk = options.wrap?.(disk, this.world) ?? disk
    this.model = new CountingModel(clock)
    this.operator = this.newSigner()
  }

  newSigner(): Signer {
    return signerFromSeed(this.world.bytes(32))
  }

  get mission(): Mission {
    const { tasks, mission = {}, workers = 4 } = this.#options
    const standard = defaultMission()
    return {
      ...standard,
      name: 'drill',
      objective: 'Find out.',
      budgetMicros: 1_000_000,
      agents: { ...standard.agents, worker: { count: workers, concurrency: 1, model: 'auto' } },
      tasks: Object.entries(tasks).map(([id, needs]) => ({ id, question: `${id}?`, needs })),
      ...mission,
    }
  }

  get terms(): Record<Role, Terms> {
    const { terms = PRICED } = this.#options
    return { planner: terms, worker: terms, synthesizer: terms }
  }

  async open(): Promise<this> {
    const { journal, objects } = this.disk
    const opening = {
      session: SESSION,
      mission: this.mission,
      terms: this.terms,
      synthesize: false,
      sources: [],
      faults: [],
      operator: this.operator,
      software: 'tests',
      at: Math.floor(this.world.now),
    }
    await this.world.until(startSession(opening, { journal, objects, primitives: nodePrimitives }))
    return this
  }

  /** Lets the world run until this process has ended. */
  run(options: LifeOptions = {}): Promise<Ending> {
    return this.world.until(this.live(options))
  }

  async live(options: LifeOptions = {}): Promise<Ending> {
    const process = new SimulatedProcess(this.world, this.disk, options)
    options.onProcess?.(process)
    const died = process.died.then((): Ending => ({ is: 'died' }))
    const ending = await Promise.race([this.#work(process, options), died])
    this.calls = process.calls
    return ending
  }

  async #work(process: SimulatedProcess, options: LifeOptions): Promise<Ending> {
    try {
      return { is: 'stopped', session: await this.#coordinate(process, options) }
    } catch (error) {
      return { is: 'failed', error }
    }
  }

  /** As the program of an app does it. */
  async #coordinate(process: SimulatedProcess, options: LifeOptions): Promise<Session> {
    const { operator, world } = this
    const ports = { ...process.ports, clock: process.clock, primitives: nodePrimitives }
    const loaded = await loadSession(SESSION, ports, 'run')
    const gone = new AbortController()
    const { runtime = askingAgent, terms = PRICED } = this.#options
    const signers = new Map<string, Signer>()
    const program: AgentProgram = { runtime, model: terms.model === 'function' ? null : this.model }
    const host = new AgentHost(
      {
        session: SESSION,
        mission: loaded.session.mission,
        terms: loaded.session.terms,
        operatorKey: loaded.operatorKey,
        programs: { planner: program, worker: program, synthesizer: program },
        evidence: async () => ({ index: createEvidenceIndex([]), documents: [] }),
        newSigner: () => {
          const signer = this.newSigner()
          signers.set(signer.keyId, signer)
          return signer
        },
        onError: (error) => gone.abort(error),
      },
      ports,
    )
    for (const { agent, keyId } of host.keys) this.agents.set(agent, signers.get(keyId) ?? this.operator)
    try {
      return await coordinate(loaded, ports, {
        operator,
        signer: signerFromSeed(world.bytes(32)),
        agents: host.keys,
        onEpoch: (grants, epoch) => host.start(grants, epoch),
        onNotice: (notice) => this.notices.push(notice),
        abort: gone.signal,
        ...(options.interrupt === undefined ? {} : { interrupt: options.interrupt }),
      })
    } finally {
      await host.stop()
    }
  }

  /** What the journal says, whoever wrote it. */
  async read(): Promise<Session> {
    const { journal, objects } = this.disk
    const loading = loadSession(SESSION, { journal, objects, primitives: nodePrimitives }, 'run')
    return (await this.world.until(loading)).session
  }
}
