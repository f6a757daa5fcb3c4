import {
  agentName,
  conversationName,
  type Json,
  type MessageDraft,
  messageName,
  type Signer,
  seal,
} from '@infrafabric/protocol'
import { coordinatorQueue } from '@infrafabric/runtime'
import { COORDINATOR, type Session } from '@infrafabric/session'
import type { AgentKey, World } from './world.ts'

const KINDS = [
  'foreign-key',
  'other-sender',
  'other-receiver',
  'order',
  'forged-text',
  'junk',
  'replay',
  'own-result',
  'others-result',
  'malformed',
  'equivocation',
] as const

/** Someone on the bus, who may also hold the key of an agent. */
export class Hostile {
  readonly #world: World
  readonly #stranger: Signer
  #seq = 1_000_000
  #sent: { wire: string; draft: MessageDraft }[] = []

  constructor(world: World) {
    this.#world = world
    this.#stranger = world.signing.newSigner(world.random)
  }

  act(): void {
    const { random, checks, faults, scenario } = this.#world
    const { session } = checks
    if (session === null || session.epoch === 0) return
    const kind = random.pick(KINDS)
    const stolen = this.#world.agentKeys.filter(({ agent }) => scenario.hostile.includes(agent))
    const key = stolen.length > 0 ? random.pick(stolen.slice(-3)) : null
    if (this.#try(kind, session, key)) faults.count(`hostile-${kind}`)
  }

  #try(kind: (typeof KINDS)[number], session: Session, key: AgentKey | null): boolean {
    const { random } = this.#world
    const victim = random.pick(session.agents).name
    switch (kind) {
      case 'foreign-key':
        return this.#send(session, { agent: victim, signer: this.#stranger, epoch: session.epoch }, {}, true)
      case 'junk':
        this.#post(
          session,
          random.pick(['', '{}', '[', '{"a":1,"a":2}', '\ud800', 'x'.repeat(100_000)]),
          `${random.next()}`,
        )
        return true
      case 'forged-text': {
        const known = this.#sent.at(-1)
        if (known === undefined) return false
        const wire = known.wire.replace(/"attempt":\d+/, `"attempt":${random.between(1, 3)}0`)
        if (wire === known.wire) return false
        this.#world.checks.forbidden.add(wire)
        this.#post(session, wire, `${random.next()}`)
        return true
      }
      case 'replay': {
        const known = this.#sent.length > 0 ? random.pick(this.#sent) : undefined
        if (known === undefined) return false
        this.#post(session, known.wire, `${random.next()}`)
        return true
      }
      default:
        return key !== null && this.#abuse(kind, session, key, victim)
    }
  }

  /** With a key that is granted to an agent. */
  #abuse(kind: string, session: Session, key: AgentKey, victim: string): boolean {
    const { random } = this.#world
    const own = this.#content(session, key.agent, true)
    switch (kind) {
      case 'other-sender':
        if (victim === key.agent) return false
        return this.#send(session, { ...key, agent: victim }, {}, true)
      case 'other-receiver':
        return this.#send(session, key, { receiver: agentName(session.name, victim) }, true)
      case 'order':
        return this.#send(session, key, { performative: random.pick(['request', 'cancel', 'propose']) }, true)
      case 'malformed':
        return this.#send(
          session,
          key,
          { content: random.pick<Json>([null, 1, 'x', [], {}, { kind: 'result' }]) },
          false,
        )
      case 'others-result': {
        const content = this.#content(session, key.agent, false)
        return content !== null && this.#send(session, key, { content }, false)
      }
      case 'equivocation': {
        if (own === null || this.#sent.length === 0) return false
        const known = random.pick(this.#sent).draft
        if (known.key_id !== key.signer.keyId || known.epoch !== key.epoch) return false
        return this.#send(session, key, { seq: known.seq, content: own }, false)
      }
      default:
        return own !== null && this.#send(session, key, { content: own }, false)
    }
  }

  /** A result for an attempt that is the agent's own, or somebody else's. */
  #content(session: Session, agent: string, own: boolean): Json | null {
    const { random } = this.#world
    const attempts = session.tasks
      .flatMap(({ attempts }) => attempts)
      .filter((attempt) => (attempt.agent.name === agent) === own)
    if (attempts.length === 0) return null
    const { task, number } = random.pick(attempts)
    const call = (usage: number): Json => ({
      call: random.between(1, 3),
      model: random.pick([session.terms.worker.model, 'another/model']),
      usage: {
        inputTokens: usage,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        outputTokens: usage,
        reasoningTokens: 0,
      },
    })
    const charges = random.pick<Json>([
      [],
      [call(1_000_000_000)],
      [call(10), call(10), call(10)],
      [call(-5)],
      [call(0.5)],
      [call(2_000_000_000)],
      Array.from({ length: 200 }, () => call(random.between(0, 1_000_000_000))),
    ])
    const outcome = { answer: `lies ${random.next()}`, claims: [] }
    return { kind: 'result', task: task.id, attempt: number, outcome, charges, limits: null }
  }

  #send(session: Session, key: AgentKey, changes: Partial<MessageDraft>, forbidden: boolean): boolean {
    const { scheduler, signing, checks, random } = this.#world
    const { name } = session
    const seq = changes.seq ?? this.#seq++
    const draft: MessageDraft = {
      v: 1,
      performative: 'inform',
      sender: agentName(name, key.agent),
      receiver: agentName(name, COORDINATOR),
      conversation_id: conversationName(name, 'lies'),
      timestamp: scheduler.now + random.pick([0, 0, 0, -400_000, 400_000]),
      content: this.#content(session, key.agent, true) ?? { kind: 'result' },
      citation: null,
      session_id: name,
      in_reply_to: null,
      expires_at: null,
      ...changes,
      message_id: messageName(name, key.agent, key.epoch, seq),
      key_id: key.signer.keyId,
      epoch: key.epoch,
      seq,
    }
    const [sealed] = seal([draft], key.signer, signing.primitives)
    if (sealed === undefined) return false
    const { wire } = sealed
    if (forbidden) checks.forbidden.add(wire)
    else if (this.#sent.push({ wire, draft }) > 50) this.#sent.shift()
    this.#post(session, wire, draft.message_id)
    return true
  }

  #post(session: Session, body: string, id: string): void {
    this.#world.bus.post({ queue: coordinatorQueue(session.name), group: 'hostile', id, body })
  }
}
