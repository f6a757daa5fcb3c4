import type { Document, EvidenceIndex } from '@infrafabric/evidence'
import type { AgentRuntime, Delivery, LanguageModel, MessageBus, ObjectStore } from '@infrafabric/ports'
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
import { AttemptCancelled, AttemptTimeout, perform } from './attempt.ts'
import { checkIn, checkOut } from './claim-check.ts'
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
  readonly #outbox: {
    agent: Identity
    draft: Omit<MessageDraft, 'seq' | 'message_id' | 'key_id' | 'epoch'>
  }[] = []
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
    }).catch((error) => this.#options.onError(error))
  }

  /** Stops at once; attempts under way are aborted and nothing more is sent. */
  async stop(): Promise<void> {
    this.#stop.abort()
    for (const { controller } of this.#running.values()) controller.abort(new AttemptCancelled())
    await this.#loop
    await this.#flushing
  }

  async #receive(verify: (wire: string) => VerifiedMessage | null): Promise<void> {
    const queue = agentsQueue(this.#options.session)
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
    else if (message.performative === 'request') void this.#attempt(agent, message)
  }

  #cancel(agent: Identity, message: VerifiedMessage): void {
    const { content } = message
    if (!isJsonObject(content)) return
    const { task, attempt } = content
    if (typeof task !== 'string' || typeof attempt !== 'number') return
    const running = this.#running.get(`${task} ${attempt}`)
    if (running !== undefined) {
      running.controller.abort(new AttemptCancelled())
      return
    }
    // Nothing is under way here; calls of a process that died are charged from what it left behind.
    void this.#attempt(agent, message, true)
  }

  async #attempt(agent: Identity, message: VerifiedMessage, cancelled = false): Promise<void> {
    try {
      const { objects, primitives } = this.#ports
      const content = (await checkOut(message.content, objects, primitives)) as unknown as TaskRequest
      const key = `${content.task} ${content.attempt}`
      if (this.#running.has(key)) return
      const controller = new AbortController()
      this.#running.set(key, { controller })
      if (cancelled) controller.abort(new AttemptCancelled())
      const disarm = this.#ports.clock.after(content.timeout_ms, () =>
        controller.abort(new AttemptTimeout(`no result after ${content.timeout_ms} ms`)),
      )
      try {
        const reply = await this.#perform(agent, content, controller.signal)
        if (!this.#stop.signal.aborted) await this.#reply(agent, message, reply)
      } finally {
        disarm()
        this.#running.delete(key)
      }
    } catch (error) {
      this.#options.onError(error)
    }
  }

  async #perform(
    agent: Identity,
    content: TaskRequest,
    signal: AbortSignal,
  ): Promise<TaskResult | TaskFailure> {
    const { session, terms, programs } = this.#options
    const program = programs[agent.role]
    const { objects, primitives } = this.#ports
    const prefix = `sessions/${session}/calls/${content.task}/${content.attempt}`
    const meter =
      program.model === null
        ? null
        : new MeteredModel(
            { prefix, terms: terms[agent.role], sliceMicros: content.slice_micros, signal },
            program.model,
            { objects, primitives },
          )
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
    return await perform(brief, { runtime: program.runtime, meter }, this.#options, signal)
  }

  async #reply(agent: Identity, to: VerifiedMessage, reply: TaskResult | TaskFailure): Promise<void> {
    const { objects, primitives } = this.#ports
    const { session } = this.#options
    const content = await checkIn(reply as unknown as Json, objects, primitives)
    this.#outbox.push({
      agent,
      draft: {
        v: 1,
        performative: reply.kind === 'result' ? 'inform' : 'failure',
        sender: agentName(session, agent.name),
        receiver: to.sender,
        conversation_id: conversationName(session, reply.task),
        timestamp: this.#ports.clock.now(),
        content,
        citation: null,
        session_id: session,
        in_reply_to: to.message_id,
        expires_at: null,
      },
    })
    this.#flushing ??= this.#flush()
    await this.#flushing
  }

  /** Replies that are ready at the same time are sealed as one batch an agent and sent together. */
  async #flush(): Promise<void> {
    await this.#ports.clock.yield()
    this.#flushing = null
    const ready = this.#outbox.splice(0)
    const byAgent = new Map<Identity, MessageDraft[]>()
    for (const { agent, draft } of ready) {
      const seq = agent.nextSeq++
      const drafts = byAgent.get(agent) ?? []
      drafts.push({
        ...draft,
        message_id: messageName(this.#options.session, agent.name, this.#epoch, seq),
        key_id: agent.signer.keyId,
        epoch: this.#epoch,
        seq,
      })
      byAgent.set(agent, drafts)
    }
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
