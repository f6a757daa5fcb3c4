import type { Document, EvidenceIndex } from '@infrafabric/evidence'
import {
  type AgentRuntime,
  type Delivery,
  DriverError,
  type LanguageModel,
  type MessageBus,
  type ObjectStore,
} from '@infrafabric/ports'
import {
  agentName,
  conversationName,
  createRegistry,
  createVerifier,
  isJsonObject,
  type Json,
  type MessageDraft,
  messageName,
  type Primitives,
  type Signer,
  seal,
  type VerifiedMessage,
} from '@infrafabric/protocol'
import {
  agentNames,
  COORDINATOR,
  type Mission,
  ROLES,
  type Role,
  type TaskFailure,
  type TaskRequest,
  type TaskResult,
  type Terms,
} from '@infrafabric/session'
import { AttemptCancelled, AttemptTimeout, HostStopped, perform, reportCancelled } from './attempt.ts'
import { checkIn, checkOut, REPLY_BYTES_MAX } from './claim-check.ts'
import type { Clock } from './clock.ts'
import type { AgentKey } from './coordinator.ts'
import { MeteredModel } from './metered-model.ts'
import { agentsQueue, coordinatorQueue } from './queues.ts'

/** How an agent of a role thinks, and with which model. */
export interface AgentProgram {
  runtime: AgentRuntime
  /** null: it makes no model calls. */
  model: LanguageModel | null
}

export interface AgentHostOptions {
  session: string
  mission: Mission
  terms: Record<Role, Terms>
  operatorKey: Uint8Array
  programs: Record<Role, AgentProgram>
  /** The session's evidence; asked for once, at the first attempt that needs it. */
  evidence(): Promise<{ index: EvidenceIndex; documents: readonly Document[] }>
  newSigner(): Signer
  /** Called when the host can no longer work, as when the disk is full. */
  onError(error: unknown): void
}

export interface HostPorts {
  bus: MessageBus
  objects: ObjectStore
  clock: Clock
  primitives: Primitives
}

const RECEIVE_MAX = 512
const WAIT_MS = 1_000
const VISIBILITY_MS = 60_000

interface Identity {
  name: string
  role: Role
  signer: Signer
  nextSeq: number
}

interface Running {
  controller: AbortController
}

type AttemptName = Pick<TaskRequest, 'task' | 'attempt'>

/**
 * Runs agents of one session in this process. Each has its own key; a request counts only when it is signed by
 * the coordinator and addressed to the agent. Deliveries are acknowledged when work starts: what a crash loses,
 * the coordinator asks for again.
 */
export class AgentHost {
  readonly #options: AgentHostOptions
  readonly #ports: HostPorts
  readonly #agents = new Map<string, Identity>()
  readonly #running = new Map<string, Running>()
  /** Attempts that were begun or cancelled here. A request that is delivered again must not be done again. */
  readonly #begun = new Set<string>()
  readonly #work = new Set<Promise<void>>()
  readonly #outbox = new Map<Identity, MessageDraft[]>()
  #epoch = 0
  #flushing: Promise<void> | null = null
  #loop: Promise<void> | null = null
  readonly #stop = new AbortController()

  constructor(options: AgentHostOptions, ports: HostPorts) {
    this.#options = options
    this.#ports = ports
    for (const role of ROLES) {
      for (const name of agentNames(role, options.mission.agents[role].count)) {
        const signer = options.newSigner()
        this.#agents.set(agentName(options.session, name), { name, role, signer, nextSeq: 1 })
      }
    }
  }

  /** What the coordinator has to grant. */
  get keys(): AgentKey[] {
    return [...this.#agents.values()].map(({ name, role, signer }) => ({
      agent: name,
      role,
      publicKey: signer.publicKey,
      keyId: signer.keyId,
    }))
  }

  /** Begins to work for the coordinator that the operator's grants name. */
  start(grants: readonly string[], epoch: number): void {
    const { session, operatorKey } = this.#options
    const { primitives } = this.#ports
    const registry = createRegistry({ session, operatorKey, primitives })
    for (const grant of grants) {
      const verdict = registry.admit(grant)
      if (!verdict.ok) throw new Error(`the coordinator's grant is not valid: ${verdict.detail}`)
    }
    this.#epoch = epoch
    const verifier = createVerifier({ primitives, registry })
    this.#loop = this.#receive((wire) => {
      const checked = verifier.verify(wire)
      return checked.ok ? checked.message : null
    }).catch((error) => this.#fail(error))
  }

  /** Stops at once; attempts under way are aborted and nothing more is sent. When it resolves, no port is in use. */
  async stop(): Promise<void> {
    this.#stop.abort()
    for (const { controller } of this.#running.values()) controller.abort(new HostStopped())
    await this.#loop
    await Promise.all(this.#work)
  }

  #fail(error: unknown): void {
    // What was aborted, or found its ports closed, is no news.
    if (!this.#stop.signal.aborted) this.#options.onError(error)
  }

  async #receive(verify: (wire: string) => VerifiedMessage | null): Promise<void> {
    const queue = agentsQueue(this.#options.session, this.#epoch)
    const { bus } = this.#ports
    while (!this.#stop.signal.aborted) {
      const deliveries = await bus.receive(queue, {
        max: RECEIVE_MAX,
        waitMs: WAIT_MS,
        visibilityMs: VISIBILITY_MS,
        signal: this.#stop.signal,
      })
      const started: Delivery[] = []
      for (const delivery of deliveries) {
        const message = verify(delivery.body)
        if (message !== null) this.#heed(message)
        started.push(delivery)
      }
      if (started.length > 0) await bus.acknowledge(started)
    }
  }

  #heed(message: VerifiedMessage): void {
    const agent = this.#agents.get(message.receiver)
    const { session } = this.#options
    if (agent === undefined || message.sender !== agentName(session, COORDINATOR)) return
    // An earlier epoch asks for nothing any more: this one has asked again for all that is open.
    if (message.epoch !== this.#epoch) return
    if (message.expires_at !== null && message.expires_at <= this.#ports.clock.now()) return
    if (message.performative === 'cancel') this.#cancel(agent, message)
    else if (message.performative === 'request') this.#track(this.#attempt(agent, message))
  }

  #track(work: Promise<void>): void {
    const tracked = work.catch((error) => this.#fail(error)).finally(() => this.#work.delete(tracked))
    this.#work.add(tracked)
  }

  #cancel(agent: Identity, message: VerifiedMessage): void {
    const { content } = message
    if (!isJsonObject(content)) return
    const { task, attempt } = content
    if (typeof task !== 'string' || typeof attempt !== 'number') return
    const key = `${task} ${attempt}`
    this.#running.get(key)?.controller.abort(new AttemptCancelled())
    // Its reply is on its way, or will be.
    if (this.#begun.has(key)) return
    this.#begun.add(key)
    this.#track(this.#settle(agent, message, { task, attempt }))
  }

  /** Nothing is under way here; calls of a process that died are charged from what it left behind. */
  async #settle(agent: Identity, message: VerifiedMessage, name: AttemptName): Promise<void> {
    const meter = this.#meter(agent, { ...name, slice_micros: 0 }, AbortSignal.abort(new AttemptCancelled()))
    await this.#reply(agent, message, await reportCancelled(name, meter))
  }

  async #attempt(agent: Identity, message: VerifiedMessage): Promise<void> {
    const { objects, primitives, clock } = this.#ports
    const content = (await checkOut(message.content, objects, primitives)) as unknown as TaskRequest
    const key = `${content.task} ${content.attempt}`
    if (this.#stop.signal.aborted || this.#begun.has(key)) return
    this.#begun.add(key)
    const controller = new AbortController()
    this.#running.set(key, { controller })
    const disarm = clock.after(content.timeout_ms, () =>
      controller.abort(new AttemptTimeout(`no result after ${content.timeout_ms} ms`)),
    )
    try {
      await this.#reply(agent, message, await this.#perform(agent, content, controller.signal))
    } finally {
      disarm()
      this.#running.delete(key)
    }
  }

  async #perform(
    agent: Identity,
    content: TaskRequest,
    signal: AbortSignal,
  ): Promise<TaskResult | TaskFailure> {
    const { session, programs } = this.#options
    const { runtime } = programs[agent.role]
    const meter = this.#meter(agent, content, signal)
    const brief = {
      session,
      agent: agent.name,
      task: content.task,
      attempt: content.attempt,
      role: agent.role,
      question: content.question,
      objective: content.objective,
      inputs: content.inputs,
      tasksMax: content.tasks_max,
    }
    return await perform(brief, { runtime, meter }, this.#options, signal)
  }

  #meter(
    agent: Identity,
    { task, attempt, slice_micros: sliceMicros }: AttemptName & Pick<TaskRequest, 'slice_micros'>,
    signal: AbortSignal,
  ): MeteredModel | null {
    const { session, terms, programs } = this.#options
    const { model } = programs[agent.role]
    if (model === null) return null
    const prefix = `sessions/${session}/calls/${task}/${attempt}`
    const owner = agent.signer.keyId
    return new MeteredModel(
      { prefix, terms: terms[agent.role], sliceMicros, signal, owner },
      model,
      this.#ports,
    )
  }

  async #reply(agent: Identity, to: VerifiedMessage, reply: TaskResult | TaskFailure): Promise<void> {
    const { objects, primitives } = this.#ports
    const { session } = this.#options
    let content: Json
    try {
      content = await checkIn(reply as unknown as Json, objects, primitives, REPLY_BYTES_MAX)
    } catch (error) {
      if (reply.kind === 'failure' || !(error instanceof DriverError) || error.code !== 'too-large')
        throw error
      // A result that nobody would read is a failed attempt; what it cost is reported all the same.
      return this.#reply(agent, to, failedReply(reply, `the result is too large: ${error.message}`))
    }
    if (this.#stop.signal.aborted) return
    const seq = agent.nextSeq++
    const ready = this.#outbox.get(agent) ?? []
    this.#outbox.set(agent, ready)
    // Members in canonical order are written in one go.
    ready.push({
      citation: null,
      content,
      conversation_id: conversationName(session, reply.task),
      epoch: this.#epoch,
      expires_at: null,
      in_reply_to: to.message_id,
      key_id: agent.signer.keyId,
      message_id: messageName(session, agent.name, this.#epoch, seq),
      performative: reply.kind === 'result' ? 'inform' : 'failure',
      receiver: to.sender,
      sender: agentName(session, agent.name),
      seq,
      session_id: session,
      timestamp: this.#ports.clock.now(),
      v: 1,
    })
    this.#flushing ??= this.#flush()
    await this.#flushing
  }

  /** Replies that are ready at the same time are sealed as one batch an agent and sent together. */
  async #flush(): Promise<void> {
    await this.#ports.clock.yield()
    this.#flushing = null
    const byAgent = [...this.#outbox]
    this.#outbox.clear()
    const outgoing = []
    const queue = coordinatorQueue(this.#options.session)
    for (const [agent, drafts] of byAgent) {
      for (const { draft, wire } of seal(drafts, agent.signer, this.#ports.primitives)) {
        outgoing.push({ queue, group: draft.conversation_id, id: draft.message_id, body: wire })
      }
    }
    await this.#ports.bus.send(outgoing)
  }
}

function failedReply({ task, attempt, charges, limits }: TaskResult, detail: string): TaskFailure {
  return { attempt, charges, code: 'garbage', detail, kind: 'failure', limits, retry_after_ms: null, task }
}
