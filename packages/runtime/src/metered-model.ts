import {
  DriverError,
  type LanguageModel,
  ModelError,
  type ModelRequest,
  type ModelResponse,
  type ObjectStore,
} from '@infrafabric/ports'
import { canonicalize, type Json, type Primitives, sha256Hex, utf8 } from '@infrafabric/protocol'
import {
  type Charge,
  callCeilingMicros,
  costMicros,
  inputTokensBound,
  type RateLimits,
  type Terms,
  type Usage,
  usageFault,
  worstCaseMicros,
} from '@infrafabric/session'

/** The next call could cost more than what is left of the attempt's slice: it was not made. */
export class SliceExceeded extends Error {
  override readonly name = 'SliceExceeded'
  /** `cut-off`: it would have been covered, had not a crash wasted calls that were made before. */
  readonly code: 'slice-exceeded' | 'cut-off'

  constructor(detail: string, code: 'slice-exceeded' | 'cut-off') {
    super(detail)
    this.code = code
  }
}

/** Stands where the next call would, once the attempt has ended. */
const CLOSED = 'closed'
/**
 * Stands where a call was begun and, power lost before its name was on the disk, never made, though later ones were:
 * whoever had seen the name went past it.
 */
const SKIPPED = 'skipped'

/** A call as it is kept: made once, answered from here ever after. */
interface KeptCall {
  request: string
  response: ModelResponse
}

/** The attempt that a model is metered for. */
export interface MeteredAttempt {
  /** Object keys of the attempt's calls start with this. */
  prefix: string
  terms: Terms
  sliceMicros: number
  signal: AbortSignal
  /** Of this process alone: of two that work on one attempt, only one makes a call. */
  owner: string
}

/**
 * The model as one attempt may use it. Before a call its intent is stored, after it its response: an attempt
 * that is delivered again pays only for what is missing, and a call whose fate a crash left unknown is charged
 * at its ceiling. No call is made that the slice cannot cover, nor one after the attempt has ended.
 */
export class MeteredModel {
  readonly charges: Charge[] = []
  /** What the provider last said about its limits. */
  limits: RateLimits | null = null
  readonly #attempt: MeteredAttempt
  readonly #model: LanguageModel
  readonly #objects: ObjectStore
  readonly #primitives: Primitives
  #chargedMicros = 0
  /** Calls that were charged and whose answer nobody has. */
  #wasted = 0
  /** Calls that the provider certainly did not bill. */
  readonly #unbilled = new Set<number>()
  #calls = 0
  /** Of the calls that others have begun, the last: none is made before it. */
  #lastBegun: number | null = null
  #ended = false
  /** The call before. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(
    attempt: MeteredAttempt,
    model: LanguageModel,
    ports: { objects: ObjectStore; primitives: Primitives },
  ) {
    this.#attempt = attempt
    this.#model = model
    this.#objects = ports.objects
    this.#primitives = ports.primitives
  }

  /** Rejects with ModelError or SliceExceeded. Calls are made one after the other: the slice covers each in turn. */
  complete(request: ModelRequest): Promise<ModelResponse> {
    const answer = this.#turn.then(() => this.#complete(request))
    this.#turn = answer.catch(() => undefined)
    return answer
  }

  /**
   * Ends the attempt, in every process that works on it, and charges the calls that this one has not come to and those
   * still under way: what is reported is all that was spent, and all that will be.
   */
  async settle(): Promise<void> {
    this.#ended = true
    for (const call of await this.#close()) {
      if (this.#unbilled.has(call)) continue
      const at = this.charges.findIndex((charge) => charge.call === call)
      if (at >= 0 && this.charges[at]?.usage !== null) continue
      // What was unknown may have been answered in the meantime, in another process.
      const kept = await this.#kept(call)
      if (at < 0) this.#charge(call, kept?.response.usage)
      else if (kept !== null) this.charges[at] = this.#chargeOf(call, kept.response.usage)
    }
  }

  async #complete(request: ModelRequest): Promise<ModelResponse> {
    const digest = sha256Hex(utf8(canonicalize(request as unknown as Json)), this.#primitives)
    for (;;) {
      this.#refuseEnded()
      // Only a call that is begun is passed by, whatever fails: a place left free would be free for another process.
      const call = this.#calls + 1
      const kept = await this.#kept(call)
      const begun = kept === null ? await this.#begun(call) : null
      if (begun === CLOSED) {
        throw new SliceExceeded('another process has ended this attempt and reported what it cost', 'cut-off')
      }
      if (begun === SKIPPED) {
        this.#pass(call)
        continue
      }
      if (kept === null && begun === null) {
        this.#lastBegun ??= lastOf(await this.#stored())
        if (call < this.#lastBegun) {
          if (await this.#claim(call, SKIPPED)) this.#pass(call)
          continue
        }
        this.#refuseUncovered(request)
        if (!(await this.#claim(call, `${digest} ${this.#attempt.owner}`))) continue
        this.#calls = call
        return await this.#make(call, digest, request)
      }
      this.#calls = call
      this.#charge(call, kept?.response.usage)
      if (kept?.request === digest) return kept.response
      // A crash came between the call and its answer, or another process makes it: nobody knows whether it was billed.
      this.#wasted++
    }
  }

  /** Nobody has made this call, and nobody will. */
  #pass(call: number): void {
    this.#calls = call
    this.#unbilled.add(call)
  }

  /**
   * Takes the place of the next call for good, and every gap before it, so that no process makes one after what was
   * reported: each comes past it. Returns the calls that were begun.
   */
  async #close(): Promise<number[]> {
    const stored = await this.#stored()
    const last = lastOf(stored)
    const begun: number[] = []
    for (let call = 1; ; call++) {
      const isAnswered = stored.has(`${call}.response`)
      if (!isAnswered && call <= last && (await this.#begun(call)) === SKIPPED) continue
      if (isAnswered || !(await this.#claim(call, CLOSED))) begun.push(call)
      else if (call > last) return begun
    }
  }

  /** What is stored of this attempt's calls: `3.started`, `3.response`. */
  async #stored(): Promise<ReadonlySet<string>> {
    const { prefix } = this.#attempt
    const stored = new Set<string>()
    for await (const key of this.#objects.list(`${prefix}/`)) stored.add(key.slice(prefix.length + 1))
    return stored
  }

  async #make(call: number, digest: string, request: ModelRequest): Promise<ModelResponse> {
    try {
      this.#refuseEnded()
    } catch (error) {
      this.#unbilled.add(call)
      throw error
    }
    let response: ModelResponse
    try {
      response = await this.#model.complete(request, this.#attempt.signal)
    } catch (error) {
      if (error instanceof ModelError && error.billed === 'no' && error.usage === undefined) {
        this.#unbilled.add(call)
      } else this.#charge(call, error instanceof ModelError ? error.usage : undefined)
      throw error
    }
    this.#charge(call, response.usage)
    this.limits = limitsOf(response.limits)
    await this.#keep(call, digest, response)
    return response
  }

  #refuseEnded(): void {
    this.#attempt.signal.throwIfAborted()
    if (this.#ended) throw new Error('the attempt has ended: nothing is asked for it any more')
  }

  #refuseUncovered(request: ModelRequest): void {
    const { terms, sliceMicros } = this.#attempt
    const code = this.#wasted > 0 ? 'cut-off' : 'slice-exceeded'
    if (this.charges.length >= terms.callsMax) {
      throw new SliceExceeded(`the attempt has made the ${terms.callsMax} calls that its terms allow`, code)
    }
    if (terms.price === null) return
    const input = inputTokensBound(request)
    if (input > terms.inputTokensMax || request.outputTokensMax > terms.outputTokensMax) {
      throw new SliceExceeded(
        `the call has up to ${input} input and ${request.outputTokensMax} output tokens; the terms allow ${terms.inputTokensMax} and ${terms.outputTokensMax}`,
        'slice-exceeded',
      )
    }
    const worst = worstCaseMicros(input, request.outputTokensMax, terms.price)
    if (this.#chargedMicros + worst > sliceMicros) {
      throw new SliceExceeded(
        `the call could cost ${worst} micro-dollars; ${sliceMicros - this.#chargedMicros} are left of the attempt's ${sliceMicros}`,
        code,
      )
    }
  }

  /** Usage that cannot be is as good as none: charged at the ceiling. */
  #charge(call: number, reported: Usage | undefined): void {
    const charge = this.#chargeOf(call, reported)
    this.charges.push(charge)
    const { terms } = this.#attempt
    if (terms.price === null) return
    this.#chargedMicros +=
      charge.usage === null ? callCeilingMicros(terms) : costMicros(charge.usage, terms.price)
  }

  #chargeOf(call: number, reported: Usage | undefined): Charge {
    const usage = reported === undefined ? null : possibleUsage(reported)
    return { call, model: this.#attempt.terms.model, usage }
  }

  /** False when another process has begun this call, or ended the attempt before it. */
  async #claim(call: number, claim: string): Promise<boolean> {
    try {
      await this.#objects.put(this.#key(call, 'started'), utf8(claim))
      return true
    } catch (error) {
      if (error instanceof DriverError && error.code === 'conflict') return false
      throw error
    }
  }

  async #kept(call: number): Promise<KeptCall | null> {
    const text = await this.#read(call, 'response')
    return text === null ? null : (JSON.parse(text) as KeptCall)
  }

  /** Who has begun this call, or CLOSED; null: nobody. */
  #begun(call: number): Promise<string | null> {
    return this.#read(call, 'started')
  }

  async #read(call: number, what: 'started' | 'response'): Promise<string | null> {
    try {
      return new TextDecoder().decode(await this.#objects.get(this.#key(call, what)))
    } catch (error) {
      if (error instanceof DriverError && error.code === 'not-found') return null
      throw error
    }
  }

  async #keep(call: number, request: string, response: ModelResponse): Promise<void> {
    const kept: KeptCall = { request, response }
    await this.#objects.put(this.#key(call, 'response'), utf8(JSON.stringify(kept)))
  }

  #key(call: number, what: 'started' | 'response'): string {
    return `${this.#attempt.prefix}/${call}.${what}`
  }
}

/** The number of the last call of which something is stored; 0: none. */
function lastOf(stored: ReadonlySet<string>): number {
  return Math.max(0, ...[...stored].map((name) => Number.parseInt(name, 10)))
}

/** More than any model takes or gives in one call; a message that says more is not read. */
const TOKENS_MAX = 1_000_000_000

/** The members that are priced, or null when they cannot be what they claim to be. */
function possibleUsage(reported: Usage): Usage | null {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens } = reported
  const usage = { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens }
  return usageFault(usage) === null && inputTokens <= TOKENS_MAX && outputTokens <= TOKENS_MAX ? usage : null
}

/** A provider's headers may say anything; what is no number counts as not said. */
function limitsOf(said: RateLimits | undefined): RateLimits | null {
  if (said === undefined) return null
  const limits: RateLimits = {}
  for (const member of ['requestsRemaining', 'tokensRemaining', 'resetMs'] as const) {
    const value = wholeOf(said[member])
    if (value !== undefined) limits[member] = value
  }
  return limits
}

/** Rounded up, not below 0; undefined for what is no number. */
export function wholeOf(value: number | undefined): number | undefined {
  if (value === undefined || !Number.isFinite(value)) return undefined
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.ceil(value)))
}
