import {
  agentIdOf,
  canonicalize,
  evidenceName,
  type Json,
  type JsonObject,
  leafHash,
  type MessageDraft,
  PAYLOAD_TYPES,
  type Primitives,
  preAuthenticationEncoding,
  sha256Hex,
  utf8,
  type VerifiedMessage,
} from '@infrafabric/protocol'
import {
  claimCheckOf,
  type Inbound,
  type Opened,
  openSession,
  parseReply,
  type Session,
  type SessionEvent,
  type Step,
  step,
} from '@infrafabric/session'
import { costOfCharges } from './costs.ts'
import type { Findings } from './findings.ts'
import type { MessageRead } from './read-message.ts'

/** Every place of the largest mission taken, and told to stop, in one turn. */
const PENDING_MAX = 250_000

/** A sent message; without a digest it did not verify, and only its place is compared. */
export type SentMessage = VerifiedMessage | MessageRead

/**
 * Decides again. A turn is its events first and then all the messages they bring, in the order of the drafts: the
 * messages are complete when the next entry that is no `sent` follows, or the journal ends.
 */
export class Replay {
  readonly session: Session
  readonly #findings: Findings
  readonly #primitives: Primitives
  /** Drafts of the turn, and how many of them have been sent. */
  #pending: MessageDraft[] = []
  #sent = 0
  #sending = false
  #differs = false
  #overspent = false
  readonly #finished = new Set<string>()
  #stopped = false

  constructor(opened: Opened, findings: Findings, primitives: Primitives) {
    this.session = openSession(opened)
    this.#findings = findings
    this.#primitives = primitives
  }

  /** False once the decisions can no longer be followed. */
  get follows(): boolean {
    return !this.#stopped
  }

  /** What comes after cannot be decided again; says so once. */
  stop(where: string, why: string): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#findings.fault('decision', where, `${why}: the decisions from here on were not checked`)
  }

  /** An entry that is no event and not sent either. */
  other(where: string): void {
    if (this.#sending) this.endTurn(where)
  }

  event(event: SessionEvent, where: string): void {
    this.other(where)
    if (this.#stopped) return
    try {
      const expected = event.kind === 'received' ? this.#expectedCost(event.message) : undefined
      const { drafts, notices } = step(this.session, event)
      for (const draft of drafts) this.#pending.push(draft)
      if (this.#pending.length > PENDING_MAX) this.stop(where, 'messages were drafted without end')
      expected?.(where)
      this.#checkBudget(drafts, where)
      this.#checkFinished(notices, where)
    } catch (error) {
      this.stop(where, `this program cannot decide on it (${error instanceof Error ? error.message : error})`)
    }
  }

  sent(message: SentMessage, at: number, where: string): void {
    this.#sending = true
    if (this.#stopped) return
    const draft = this.#pending[this.#sent]
    if (draft === undefined) {
      this.#findings.fault(
        'decision',
        where,
        `${message.message_id} was sent, and no event before it asks for that`,
      )
      return
    }
    this.#sent++
    if (at !== this.session.at) {
      this.#findings.fault('decision', where, `at is ${at}; the session's time is ${this.session.at}`)
    }
    const fault = this.#difference(draft, message)
    // A message left out shifts all that follow in the turn: one finding says it.
    if (fault === undefined || this.#differs) return
    this.#differs = true
    this.#findings.fault('decision', where, fault)
  }

  /** `where`: the entry that shows that the turn is over. */
  endTurn(where: string): void {
    const missing = this.#pending[this.#sent]
    if (missing !== undefined && !this.#stopped && !this.#differs) {
      const others = this.#pending.length - this.#sent - 1
      const more = others > 0 ? `, and ${others} more` : ''
      this.#findings.fault('decision', where, `before it, ${missing.message_id} should have been sent${more}`)
    }
    this.#pending = []
    this.#sent = 0
    this.#sending = false
    this.#differs = false
  }

  /** The budget added up from the attempts, beside the session's own count. */
  finish(where: string): void {
    this.endTurn(where)
    if (this.#stopped) return
    let spent = 0
    let reserved = 0
    for (const { attempts } of this.session.tasks) {
      for (const { state, sliceMicros, costMicros } of attempts) {
        if (state === 'open') reserved += sliceMicros
        else spent += state === 'vanished' ? sliceMicros : costMicros
      }
    }
    const { budget } = this.session
    if (spent !== budget.spent || reserved !== budget.reserved) {
      const detail = `attempts add up to ${spent} spent and ${reserved} reserved micro-dollars; the session counts ${budget.spent} and ${budget.reserved}`
      this.#findings.fault('budget', where, detail)
    }
  }

  /** What a reply should cost, to be compared once `step` has settled it; nothing when it settles nothing. */
  #expectedCost(message: Inbound): ((where: string) => void) | undefined {
    const { session } = this
    const sender = agentIdOf(message.sender, session.name)
    const reply = parseReply(message.content)
    if (!reply.ok || sender === undefined) return undefined
    if (message.performative !== (reply.value.kind === 'result' ? 'inform' : 'failure')) return undefined
    const { task, attempt: number, charges } = reply.value
    const attempt = session.tasksById.get(task)?.attempts[number - 1]
    if (attempt === undefined || attempt.agent.name !== sender || attempt.state === 'settled')
      return undefined
    const priced = costOfCharges(charges, session.terms[attempt.task.role])
    // Whatever an agent reports, it costs the session no more than was set aside for it.
    const cost = Math.min(priced, attempt.sliceMicros)
    return (where) => {
      if (priced > cost) {
        const detail = `attempt ${number} of task ${task} reports charges of ${priced} micro-dollars, more than its slice of ${cost}`
        this.#findings.fault('budget', where, detail)
      }
      if (attempt.costMicros === cost) return
      const detail = `attempt ${number} of task ${task} was settled at ${attempt.costMicros} micro-dollars; its charges come to ${cost}`
      this.#findings.fault('budget', where, detail)
    }
  }

  #checkBudget(drafts: readonly MessageDraft[], where: string): void {
    const { limit, spent, reserved } = this.session.budget
    const most = limit ?? 0
    const detail = `${spent} micro-dollars spent and ${reserved} reserved, of a budget of ${most}`
    if (spent > most && !this.#overspent) {
      this.#overspent = true
      this.#findings.fault('budget', where, `the budget was passed: ${detail}`)
    } else if (spent + reserved > most && !this.#overspent && drafts.some(spends)) {
      this.#findings.fault(
        'budget',
        where,
        `an attempt was assigned that the budget does not cover: ${detail}`,
      )
    }
  }

  #checkFinished(notices: Step['notices'], where: string): void {
    for (const notice of notices) {
      if (notice.kind !== 'finished') continue
      if (this.#finished.has(notice.task)) {
        this.#findings.fault('accepted-twice', where, `task ${notice.task} had a result already`)
      }
      this.#finished.add(notice.task)
    }
  }

  #difference(draft: MessageDraft, message: SentMessage): string | undefined {
    if (message.message_id !== draft.message_id) {
      return `${message.message_id} was sent where ${draft.message_id} should have been`
    }
    if (message.digest === undefined) return undefined
    const text = canonicalize(draft.content)
    const check = claimCheckOf(message.content)
    if (check !== null) {
      const bytes = utf8(text)
      const sha256 = sha256Hex(bytes, this.#primitives)
      const same =
        check.sha256 === sha256 &&
        check.bytes === bytes.length &&
        check.uri === evidenceName(sha256) &&
        check.media_type === 'application/json'
      if (!same) return `content of ${draft.message_id}: the claim check is not for what the events bring`
    }
    const content = check === null ? draft.content : message.content
    const body = utf8(canonicalize({ ...draft, content } as unknown as JsonObject))
    const digest = leafHash(preAuthenticationEncoding(PAYLOAD_TYPES.message, body), this.#primitives)
    if (sameBytes(digest, message.digest)) return undefined
    const members = Object.entries(draft).flatMap(([member, value]) => {
      const sent = message[member as keyof MessageDraft]
      const expected = member === 'content' ? content : value
      return canonicalize(sent as Json) === canonicalize(expected as Json) ? [] : [member]
    })
    return `${draft.message_id} is not what the events bring; it differs in ${members.join(', ')}`
  }
}

function spends({ performative, content }: MessageDraft): boolean {
  return performative === 'request' && Number((content as JsonObject).slice_micros) > 0
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}
