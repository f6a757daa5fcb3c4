import type { Audit, Progress, SessionExport } from '@infrafabric/audit'
import { createEvidenceIndex, type Document, type EvidenceIndex } from '@infrafabric/evidence'
import type { SessionHead } from '@infrafabric/ports'
import { type Sha256, sha256Hex } from '@infrafabric/protocol'
import {
  AgentHost,
  type AgentProgram,
  cancelMessage,
  coordinate,
  generateSigner,
  type Limits,
  type LoadedSession,
  loadDocuments,
  loadSession,
  nodePrimitives,
  raiseLimits,
  startSession,
  systemClock,
} from '@infrafabric/runtime'
import {
  formatUsd,
  isOver,
  type Mission,
  type MissionFile,
  type Notice,
  type Role,
  type Session,
  type SourceFault,
} from '@infrafabric/session'
import manifest from '../package.json' with { type: 'json' }
import {
  castFor,
  defaultHome,
  type Environment,
  type FunctionAgents,
  gather,
  inertPrograms,
  type LocalPlatform,
  openPlatform,
  operatorSigner,
  readAgain,
  recast,
} from './compose.ts'
import { checkedMission, checkModels, refuseSmallBudget, rolesOf, sessionId } from './new-session.ts'
import { UserError } from './user-error.ts'

/** Of a mission that names none and whose models cost money. */
const DEFAULT_BUDGET_MICROS = 1_000_000

export interface FabricOptions {
  /** Where state is kept; left out: INFRAFABRIC_HOME, else `.infrafabric` in the working directory. */
  home?: string
  /** Where keys and addresses of models are looked for; left out: the process's. */
  environment?: Environment
  /** Opens an existing home without changing a byte of it. */
  readOnly?: boolean
}

export interface StartOptions {
  /** Folder that evidence patterns start from. */
  base: string
  /** Roles that are plain functions instead of models. */
  agents?: FunctionAgents
  /** Whether a synthesizer puts the results together. Left out: yes, unless workers are functions. */
  synthesize?: boolean
  onGather?(progress: { done: number; total: number; name: string }): void
  signal?: AbortSignal
}

export interface Started {
  /** As in `handover-7f3k`. */
  session: string
  /** Which models were chosen, and why. */
  models: string[]
  sources: number
  faults: SourceFault[]
}

export interface RunOptions {
  agents?: FunctionAgents
  onNotice?(notice: Notice, session: Session): void
  /** Called when the session is loaded and its coordinator begins. */
  onBegin?(session: Session): void
  /** Stops after the attempts under way; the session can be resumed. */
  interrupt?: AbortSignal
  /** Given to a stopped session before it goes on. */
  raise?: RaiseLimits
}

export type RaiseLimits = Limits

export interface VerifyOptions {
  /** SHA-256 of the key of who must have run it, in hex. */
  operatorFingerprint?: string
  onProgress?(progress: Progress): void
}

/** A session as its journal tells it. */
export interface SessionReading {
  session: Session
  index: EvidenceIndex
  head: { length: number; hash: Sha256 }
  /** SHA-256 of the operator's public key. */
  operatorFingerprint: Sha256
}

/** Opens the swarm's home on this machine. */
export async function openFabric(options: FabricOptions = {}): Promise<Fabric> {
  const environment = options.environment ?? process.env
  const home = options.home ?? defaultHome(environment, process.cwd())
  return new Fabric(await openPlatform(home, options.readOnly === true), environment)
}

export class Fabric {
  readonly #platform: LocalPlatform
  readonly #environment: Environment
  /** Documents of sessions started by this process: they need not be read back. */
  readonly #documents = new Map<string, Document[]>()
  /** Indexing is most of what a report costs: the run and its report share one. */
  readonly #indexes = new Map<string, Promise<{ index: EvidenceIndex; documents: readonly Document[] }>>()
  readonly #programs = new Map<string, Record<Role, AgentProgram>>()

  constructor(platform: LocalPlatform, environment: Environment) {
    this.#platform = platform
    this.#environment = environment
  }

  get home(): string {
    return this.#platform.home
  }

  /** Reads the evidence, chooses and checks the models, and opens the session's journal. Spends nothing. */
  async start(written: Mission | MissionFile, options: StartOptions): Promise<Started> {
    const functions = options.agents ?? {}
    const mission = checkedMission(written, functions)
    const synthesize = options.synthesize ?? functions.worker === undefined
    const roles = rolesOf(mission, synthesize)
    const cast = await castFor({
      mission,
      environment: this.#environment,
      home: this.home,
      functions,
      roles,
      defaultBudgetMicros: DEFAULT_BUDGET_MICROS,
    })
    const costs = Object.values(cast.terms).some((terms) => terms.price !== null)
    const budgeted: Mission =
      costs && mission.budgetMicros === null ? { ...mission, budgetMicros: DEFAULT_BUDGET_MICROS } : mission
    refuseSmallBudget(budgeted, cast.terms, roles)
    const signal = options.signal ?? new AbortController().signal
    await checkModels(cast.programs, signal)
    const gathered = await gather(mission.evidence, {
      base: options.base,
      signal,
      ...(options.onGather === undefined ? {} : { onProgress: options.onGather }),
    })
    if (gathered.sources.length === 0 && mission.evidence.length > 0) {
      const reasons = gathered.problems.map(({ name, detail }) => `  ${name}: ${detail}`)
      throw new UserError(`none of the evidence can be used:\n${reasons.join('\n')}`)
    }
    const session = sessionId(mission.name)
    await startSession(
      {
        session,
        mission: budgeted,
        terms: cast.terms,
        synthesize,
        sources: gathered.sources.map((source) => ({ ...source, accessedAt: source.accessedAt ?? null })),
        faults: gathered.problems,
        operator: await operatorSigner(this.#platform),
        software: `infrafabric ${manifest.version}`,
        at: systemClock.now(),
      },
      { journal: this.#platform.journal, objects: this.#platform.objects, primitives: nodePrimitives },
    )
    this.#documents.set(
      session,
      gathered.sources.map((source) => source.document),
    )
    this.#programs.set(session, cast.programs)
    return { session, models: cast.why, sources: gathered.sources.length, faults: gathered.problems }
  }

  /** Runs a started or stopped session until it stops. Rejects with `busy` while another process runs it. */
  async run(name: string, options: RunOptions = {}): Promise<Session> {
    const lock = await this.#platform.lockSession(name)
    try {
      const loaded = await this.#load(name, 'run')
      const { session } = loaded
      if (isOver(session)) return session
      if (options.raise !== undefined) await this.#raise(loaded, options.raise)
      const programs = this.#programs.get(session.name) ?? (await this.#recast(session, options))
      return await this.#coordinate(loaded, programs, options)
    } finally {
      lock.release()
    }
  }

  async #raise(loaded: LoadedSession, limits: Limits): Promise<void> {
    const { limit, spent } = loaded.session.budget
    const { budgetMicros } = limits
    if (budgetMicros !== null && limit !== null && budgetMicros <= limit) {
      throw new UserError(
        `--budget is the new total, and ${formatUsd(budgetMicros)} is not above the ${formatUsd(limit)} that the session has (${formatUsd(spent)} of them spent): name more`,
      )
    }
    await raiseLimits(
      loaded,
      limits,
      { journal: this.#platform.journal, primitives: nodePrimitives },
      systemClock.now(),
    )
  }

  /** @param onEpoch called once agents can be asked, before any is */
  async #coordinate(
    loaded: LoadedSession,
    programs: Record<Role, AgentProgram>,
    options: RunOptions,
    onEpoch?: (epoch: number) => Promise<void>,
  ): Promise<Session> {
    const { session, operatorKey } = loaded
    const ports = {
      journal: this.#platform.journal,
      bus: this.#platform.bus,
      objects: this.#platform.objects,
      clock: systemClock,
      primitives: nodePrimitives,
    }
    const broken = new AbortController()
    const host = new AgentHost(
      {
        session: session.name,
        mission: session.mission,
        terms: session.terms,
        operatorKey,
        programs,
        evidence: () => this.#index(session),
        newSigner: generateSigner,
        onError: (error) => broken.abort(error),
      },
      ports,
    )
    options.onBegin?.(session)
    try {
      return await coordinate(loaded, ports, {
        operator: await operatorSigner(this.#platform),
        signer: generateSigner(),
        agents: host.keys,
        onEpoch: async (grants, epoch) => {
          host.start(grants, epoch)
          await onEpoch?.(epoch)
        },
        abort: broken.signal,
        ...(options.onNotice === undefined ? {} : { onNotice: options.onNotice }),
        ...(options.interrupt === undefined ? {} : { interrupt: options.interrupt }),
      })
    } finally {
      await host.stop()
    }
  }

  /** The agents of a session that another process began; a wrong key is found before they begin. */
  async #recast(session: Session, options: RunOptions): Promise<Record<Role, AgentProgram>> {
    const programs = await recast(session.terms, this.#environment, this.home, options.agents ?? {})
    await checkModels(programs, options.interrupt ?? new AbortController().signal)
    return programs
  }

  #index(session: Session): Promise<{ index: EvidenceIndex; documents: readonly Document[] }> {
    const known = this.#indexes.get(session.name) ?? this.#makeIndex(session)
    this.#indexes.set(session.name, known)
    return known
  }

  async #makeIndex(session: Session): Promise<{ index: EvidenceIndex; documents: readonly Document[] }> {
    const documents =
      this.#documents.get(session.name) ??
      (await loadDocuments(session.sources, this.#platform.objects, nodePrimitives))
    return { index: createEvidenceIndex(documents), documents }
  }

  async read(name: string): Promise<SessionReading> {
    const { session, head, operatorKey } = await this.#load(name, 'read')
    const { index } = await this.#index(session)
    return { session, index, head, operatorFingerprint: sha256Hex(operatorKey, nodePrimitives) }
  }

  /** The session's state alone, without its evidence. */
  async peek(name: string): Promise<Session> {
    return (await this.#load(name, 'read')).session
  }

  /** Which process runs the session at present, for people; null: none does. */
  ownerOf(name: string): Promise<string | null> {
    return this.#platform.sessionOwner(name)
  }

  /** Entries in the session's journal: whoever follows it need not read it again while they are as many. */
  lengthOf(name: string): Promise<number> {
    return this.#platform.journal.length(name)
  }

  list(): Promise<SessionHead[]> {
    return this.#platform.journal.list()
  }

  /** Checks a session as though somebody else had kept it. Never rejects for what the session holds. */
  async verify(name: string, options: VerifyOptions = {}): Promise<Audit> {
    const { verifySession } = await import('@infrafabric/audit')
    const { journal, objects } = this.#platform
    return verifySession({
      session: name,
      journal: journal.read(name),
      objects,
      primitives: nodePrimitives,
      readDocument: readAgain,
      ...options,
    })
  }

  /**
   * The session as one file, signed by this home's operator if it ran the session. `entries` of the journal are those
   * that the reports speak of: another process may be adding more. `reports` go by file name.
   */
  async export(name: string, entries: number, reports: Record<string, string>): Promise<SessionExport> {
    const { exportSession } = await import('@infrafabric/audit')
    const { journal, objects } = this.#platform
    const operator = await operatorSigner(this.#platform).catch(() => undefined)
    return exportSession({
      session: name,
      entriesMax: entries,
      journal,
      objects,
      primitives: nodePrimitives,
      reports: Object.fromEntries(Object.entries(reports).map(([file, text]) => [file, Buffer.from(text)])),
      ...(operator === undefined ? {} : { operator }),
    })
  }

  /**
   * Stops the session for good: asks whichever process runs it, or, when none does, settles what is open and ends it
   * here. Returns who was asked; null: it is cancelled already when this resolves.
   */
  async cancel(name: string): Promise<string | null> {
    const owner = await this.ownerOf(name)
    if (owner !== null) {
      const { session } = await this.#load(name, 'read')
      await this.#sendCancel(name, session.epoch)
      return owner
    }
    const lock = await this.#platform.lockSession(name)
    try {
      const loaded = await this.#load(name, 'run')
      if (isOver(loaded.session)) return null
      await this.#coordinate(loaded, inertPrograms(loaded.session.terms), {}, (epoch) =>
        this.#sendCancel(name, epoch),
      )
      return null
    } finally {
      lock.release()
    }
  }

  async #sendCancel(name: string, epoch: number): Promise<void> {
    const operator = await operatorSigner(this.#platform)
    await this.#platform.bus.send([cancelMessage(name, epoch, operator, systemClock.now(), nodePrimitives)])
  }

  close(): Promise<void> {
    return this.#platform.close()
  }

  async #load(name: string, to: 'run' | 'read'): Promise<LoadedSession> {
    const { journal, objects } = this.#platform
    return loadSession(name, { journal, objects, primitives: nodePrimitives }, to)
  }
}
