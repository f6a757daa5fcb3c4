import {
  type Delivery,
  DriverError,
  type DriverErrorCode,
  type Journal,
  type MessageBus,
  type ObjectStore,
} from '@infrafabric/ports'
import {
  agentName,
  createVerifier,
  type Grant,
  type GrantRole,
  type MessageDraft,
  type Primitives,
  performativesOf,
  type Registry,
  type SealedMessage,
  type Signer,
  seal,
  sealCheckpoint,
  sealGrants,
  sha256Hex,
  toBase64,
  utf8,
  type VerifiedMessage,
  type Verifier,
} from '@infrafabric/protocol'
import {
  COORDINATOR,
  type Entry,
  type Notice,
  nextWakeAt,
  OPERATOR,
  type Role,
  type Session,
  type SessionEvent,
  step,
} from '@infrafabric/session'
import { checkIn, checkOut, REPLY_BYTES_MAX } from './claim-check.ts'
import type { Clock } from './clock.ts'
import { JournalWriter } from './journal-writer.ts'
import type { LoadedSession } from './load-session.ts'
import { cleanText } from './plain-json.ts'
import { agentsQueue, coordinatorQueue } from './queues.ts'

export interface Ports {
  journal: Journal
  bus: MessageBus
  objects: ObjectStore
  clock: Clock
  primitives: Primitives
}

export interface AgentKey {
  /** As in `h01`. */
  agent: string
  role: Role
  publicKey: Uint8Array
  keyId: string
}

export interface CoordinatorOptions {
  operator: Signer
  /** A fresh key for this epoch; it never leaves the process. */
  signer: Signer
  /** Keys of the agents that will work in this epoch. */
  agents: readonly AgentKey[]
  /** Called once the epoch is durable, with the operator's grants that let agents trust this coordinator. */
  onEpoch(grants: readonly string[], epoch: number): void | Promise<void>
  onNotice?(notice: Notice, session: Session): void
  /** Aborted when the operator asks to stop after the attempts under way. */
  interrupt?: AbortSignal
  /** Aborted when going on makes no sense, as when the agents' host is gone: rejects with its reason, resumable. */
  abort?: AbortSignal
}

/** Most messages of one turn: what arrives together is decided, sealed and committed together. */
const TURN_MESSAGES_MAX = 512
/** Longest wait for a message; another process's cancel is seen at once, this only bounds a lost wake-up. */
const WAIT_MS_MAX = 1_000
const VISIBILITY_MS = 60_000
/** Grants in one journal entry. */
const GRANTS_PER_ENTRY = 100
/** Refused messages recorded in one epoch: an attacker must not fill the journal. */
const REFUSALS_MAX = 1_000
/** Why the content behind a claim check cannot be had: its sender's fault, not ours. */
const UNREADABLE: ReadonlySet<DriverErrorCode> = new Set(['not-found', 'corrupt', 'too-large'])
/** Entries between two attestations of the chain. */
const CHECKPOINT_ENTRIES = 1_000

/**
 * Takes the session over in a new epoch and runs it until it stops. Every turn is: verify what came, decide,
 * seal what is to be said, append all of it in one commit, and only then send and acknowledge. Rejects with
 * `conflict` when another coordinator took over: nothing was sent after that.
 */
export async function coordinate(
  loaded: LoadedSession,
  ports: Ports,
  options: CoordinatorOptions,
): Promise<Session> {
  const coordinator = new Coordinator(loaded, ports, options)
  await coordinator.begin()
  await coordinator.run()
  return loaded.session
}

class Coordinator {
  readonly #session: Session
  readonly #loaded: LoadedSession
  readonly #ports: Ports
  readonly #options: CoordinatorOptions
  readonly #writer: JournalWriter
  readonly #registry: Registry
  readonly #verifier: Verifier
  readonly #name: string
  #refusals = 0
  #attested = 0

  constructor(loaded: LoadedSession, ports: Ports, options: CoordinatorOptions) {
    this.#loaded = loaded
    this.#session = loaded.session
    this.#ports = ports
    this.#options = options
    this.#name = agentName(loaded.session.name, COORDINATOR)
    this.#registry = loaded.registry
    this.#writer = new JournalWriter(ports.journal, loaded.session.name, loaded.head, ports.primitives)
    this.#verifier = createVerifier({ primitives: ports.primitives, registry: loaded.registry })
  }

  async begin(): Promise<void> {
    const { operator, signer } = this.#options
    const at = this.#ports.clock.now()
    const epoch = this.#session.epoch + 1
    const { primitives } = this.#ports
    const root = [this.#operatorGrant(epoch, at), this.#ownGrant(epoch, at)]
    const grants = sealGrants(root, operator, primitives).map(({ wire }) => wire)
    const agentGrants = sealGrants(this.#agentGrants(epoch, at), signer, primitives).map(({ wire }) => wire)
    for (const wire of [...grants, ...agentGrants]) {
      const verdict = this.#registry.admit(wire)
      if (!verdict.ok) throw new Error(`own grant refused: ${verdict.detail}`)
    }
    const entries: Entry[] = [{ kind: 'epoch-started', at, epoch, keyId: signer.keyId, grants }]
    for (let from = 0; from < agentGrants.length; from += GRANTS_PER_ENTRY) {
      entries.push({ kind: 'granted', at, grants: agentGrants.slice(from, from + GRANTS_PER_ENTRY) })
    }
    await this.#writer.append(entries)
    // What an earlier epoch asked for is asked for again below; answers to it are welcome.
    await this.#ports.bus.purge(agentsQueue(this.#session.name, epoch - 1))
    step(this.#session, { kind: 'epoch-started', at, epoch, keyId: signer.keyId })
    await this.#options.onEpoch(grants, epoch)
    // What waited while nobody ran the session comes before anything new is asked for: it may be a cancel.
    const deliveries = await this.#nextDeliveries(0, anyOf(this.#options.abort))
    const happenings = await this.#receiveAll(deliveries, this.#ports.clock.now())
    await this.#turn([...happenings, plain({ kind: 'time-passed', at: this.#ports.clock.now() })], deliveries)
  }

  async run(): Promise<void> {
    const { abort } = this.#options
    let { interrupt } = this.#options
    let signal = anyOf(interrupt, abort)
    while (this.#session.phase.is !== 'stopped') {
      const now = this.#ports.clock.now()
      const wakeAt = nextWakeAt(this.#session) ?? Number.POSITIVE_INFINITY
      const deliveries = await this.#nextDeliveries(Math.min(WAIT_MS_MAX, wakeAt - now), signal)
      abort?.throwIfAborted()
      const at = this.#ports.clock.now()
      const happenings = await this.#receiveAll(deliveries, at)
      // A clock that was set back is told to the session, which would wait for the old time to come again.
      if (wakeAt <= at || at < this.#session.clockAt) happenings.push(plain({ kind: 'time-passed', at }))
      if (interrupt?.aborted) {
        happenings.push(plain({ kind: 'interrupted', at }))
        interrupt = undefined
        signal = anyOf(abort)
      }
      await this.#turn(happenings, deliveries)
    }
    await this.#attest()
  }

  /** What comes within this time; a signal ends the wait with nothing. */
  async #nextDeliveries(waitMs: number, signal: AbortSignal): Promise<Delivery[]> {
    if (signal.aborted) return []
    try {
      return await this.#ports.bus.receive(coordinatorQueue(this.#session.name), {
        max: TURN_MESSAGES_MAX,
        waitMs: Math.max(0, waitMs),
        visibilityMs: VISIBILITY_MS,
        signal,
      })
    } catch (error) {
      if (signal.aborted) return []
      throw error
    }
  }

  /** Decides on everything that happened, commits it with all that it brings, then sends. */
  async #turn(happenings: readonly Happening[], deliveries: readonly Delivery[]): Promise<void> {
    const entries: Entry[] = []
    const drafts: MessageDraft[] = []
    const notices: Notice[] = []
    for (const { entry, event } of happenings) {
      entries.push(entry)
      if (event === null) continue
      const decision = step(this.#session, event)
      drafts.push(...decision.drafts)
      notices.push(...decision.notices)
    }
    const sealed = await this.#seal(drafts)
    for (const { wire } of sealed) entries.push({ at: this.#session.at, kind: 'sent', message: wire })
    await this.#writer.append(entries)
    const { bus } = this.#ports
    if (sealed.length > 0) {
      const queue = agentsQueue(this.#session.name, this.#session.epoch)
      await bus.send(
        sealed.map(({ draft, wire }) => ({
          queue,
          group: draft.conversation_id,
          id: draft.message_id,
          body: wire,
        })),
      )
    }
    if (deliveries.length > 0) await bus.acknowledge(deliveries)
    if (this.#writer.head.length - this.#attested >= CHECKPOINT_ENTRIES) await this.#attest()
    for (const notice of notices) this.#options.onNotice?.(notice, this.#session)
  }

  async #seal(drafts: MessageDraft[]): Promise<SealedMessage[]> {
    if (drafts.length === 0) return []
    const { objects, primitives } = this.#ports
    for (const draft of drafts) draft.content = await checkIn(draft.content, objects, primitives)
    return seal(drafts, this.#options.signer, primitives)
  }

  /** In the order of arrival, but the operator's word first: what it stops need not be begun. */
  async #receiveAll(deliveries: readonly Delivery[], at: number): Promise<Happening[]> {
    const operator = agentName(this.#session.name, OPERATOR)
    const first: Happening[] = []
    const rest: Happening[] = []
    for (const delivery of deliveries) {
      const happening = await this.#receive(delivery, at)
      if (happening === null) continue
      const { event } = happening
      const isOperators = event?.kind === 'received' && event.message.sender === operator
      ;(isOperators ? first : rest).push(happening)
    }
    return [...first, ...rest]
  }

  /** What a delivery is: a message that counts, one that is refused, or nothing new. */
  async #receive(delivery: Delivery, at: number): Promise<Happening | null> {
    const verdict = this.#verifier.verify(delivery.body)
    if (!verdict.ok) return this.#refuse(delivery, at, verdict.code, verdict.detail)
    const { message } = verdict
    if (message.receiver !== this.#name) {
      return this.#refuse(delivery, at, 'receiver', `it is addressed to ${message.receiver}`)
    }
    const admitted = this.#loaded.admission.admit(message, at)
    if (!admitted.ok) {
      // A repeated delivery is normal and not worth a line.
      return admitted.code === 'duplicate' ? null : this.#refuse(delivery, at, admitted.code, admitted.detail)
    }
    return this.#inbound(delivery, message, at)
  }

  async #inbound(delivery: Delivery, message: VerifiedMessage, at: number): Promise<Happening | null> {
    const { objects, primitives } = this.#ports
    try {
      const content = await checkOut(message.content, objects, primitives, REPLY_BYTES_MAX)
      const { sender, performative, message_id: messageId } = message
      return {
        entry: { at, kind: 'received', message: message.wire },
        event: { kind: 'received', at, message: { sender, performative, messageId, content } },
      }
    } catch (error) {
      if (error instanceof DriverError && UNREADABLE.has(error.code)) {
        return this.#refuse(delivery, at, 'claim-check', error.message)
      }
      throw error
    }
  }

  #refuse(delivery: Delivery, at: number, code: string, detail: string): Happening | null {
    this.#refusals++
    this.#options.onNotice?.(
      { kind: 'alarm', sender: 'unknown', detail: `${code}: ${detail}` },
      this.#session,
    )
    if (this.#refusals > REFUSALS_MAX) return null
    const digest = sha256Hex(utf8(delivery.body.toWellFormed()), this.#ports.primitives)
    const entry: Entry = { kind: 'refused', at, digest, code, detail: cleanText(detail.slice(0, 500)) }
    return { entry, event: null }
  }

  /** Signs the head of the chain, so that a journal cut short or written again is noticed. */
  async #attest(): Promise<void> {
    const { clock, primitives } = this.#ports
    const { signer } = this.#options
    const at = clock.now()
    const { length, hash } = this.#writer.head
    const checkpoint = sealCheckpoint(
      {
        v: 1,
        session_id: this.#session.name,
        epoch: this.#session.epoch,
        size: length,
        head: hash,
        at,
        key_id: signer.keyId,
      },
      signer,
      primitives,
    )
    await this.#writer.append([{ kind: 'checkpoint', at, checkpoint }])
    this.#attested = this.#writer.head.length
  }

  /** What another process of the operator may say to a running session. */
  #operatorGrant(epoch: number, at: number): Grant {
    const { operator } = this.#options
    return { ...this.#granted('operator', OPERATOR, operator, epoch, at), performatives: ['cancel'] }
  }

  #ownGrant(epoch: number, at: number): Grant {
    const { signer } = this.#options
    return { ...this.#granted('coordinator', COORDINATOR, signer, epoch, at), receivers: ['*'] }
  }

  /** A grant by the operator: all that the role may say, to the coordinator. */
  #granted(
    role: GrantRole,
    agent: string,
    key: Pick<Signer, 'publicKey' | 'keyId'>,
    epoch: number,
    at: number,
  ): Grant {
    const session = this.#session.name
    return {
      v: 1,
      session_id: session,
      agent: agentName(session, agent),
      role,
      performatives: performativesOf(role),
      receivers: [this.#name],
      public_key: toBase64(key.publicKey),
      key_id: key.keyId,
      epoch,
      issued_at: at,
      issuer: agentName(session, OPERATOR),
      issuer_key_id: this.#options.operator.keyId,
    }
  }

  #agentGrants(epoch: number, at: number): Grant[] {
    const { signer, agents } = this.#options
    return agents.map(({ agent, role, publicKey, keyId }) => ({
      ...this.#granted(role, agent, { publicKey, keyId }, epoch, at),
      performatives: ['inform', 'failure'],
      issuer: this.#name,
      issuer_key_id: signer.keyId,
    }))
  }
}

/** One line of the journal and the event it is to `step`, if any. */
interface Happening {
  entry: Entry
  event: SessionEvent | null
}

function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined))
}

function plain(event: { kind: 'time-passed' | 'interrupted'; at: number }): Happening {
  return { entry: event, event }
}
