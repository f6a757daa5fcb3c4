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
  worstCaseMicros,
} from '@infrafabric/session'

/** The next call could cost more than what is left of the attempt's slice: it was not made. */
export class SliceExceeded extends Error {
  override readonly name = 'SliceExceeded'
}

/** A call as it is kept: made once, answered from here ever after. */
interface KeptCall {
  request: string
  response: ModelResponse
}

/**
 * The model as one attempt may use it. Before a call its intent is stored, after it its response: an attempt
 * that is delivered again pays only for what is missing, and a call whose fate a crash left unknown is charged
 * at its ceiling. No call is made that the slice cannot cover.
 */
export class MeteredModel {
  readonly charges: Charge[] = []
  /** What the provider last said about its limits. */
  limits: RateLimits | null = null
  readonly #model: LanguageModel
  readonly #terms: Terms
  readonly #sliceMicros: number
  /** Object keys of the attempt's calls start with this. */
  readonly #prefix: string
  readonly #objects: ObjectStore
  readonly #primitives: Primitives
  readonly #signal: AbortSignal
  #chargedMicros = 0
  /** Calls that the provider certainly did not bill. */
  readonly #unbilled = new Set<number>()
  #calls = 0

  constructor(
    attempt: { prefix: string; terms: Terms; sliceMicros: number; signal: AbortSignal },
    model: LanguageModel,
    ports: { objects: ObjectStore; primitives: Primitives },
  ) {
    this.#model = model
    this.#terms = attempt.terms
    this.#sliceMicros = attempt.sliceMicros
    this.#prefix = attempt.prefix
    this.#signal = attempt.signal
    this.#objects = ports.objects
    this.#primitives = ports.primitives
  }

  /** Rejects with ModelError or SliceExceeded. Calls of one attempt are made one after the other. */
  async complete(request: ModelRequest): Promise<ModelResponse> {
    const digest = sha256Hex(utf8(canonicalize(request as unknown as Json)), this.#primitives)
    for (;;) {
      this.#signal.throwIfAborted()
      const call = ++this.#calls
      const kept = await this.#kept(call)
      if (kept === null && !(await this.#objects.has(this.#key(call, 'started')))) {
        return await this.#make(call, digest, request)
      }
      // A crash came between the call and its answer: nobody knows whether it was billed.
      if (kept === null) this.#charge({ call, model: this.#terms.model, usage: null })
      else {
        this.#charge({ call, model: this.#terms.model, usage: kept.response.usage })
        if (kept.request === digest) return kept.response
      }
    }
  }

  /**
   * Charges calls of this attempt that an earlier process made and this one has not come to, so that what is
   * reported is all that was spent. To be called when the attempt ends, however it ends.
   */
  async settle(): Promise<void> {
    const charged = new Set(this.charges.map((charge) => charge.call))
    const known = new Set<number>()
    for await (const key of this.#objects.list(`${this.#prefix}/`)) {
      const call = Number(/\/(\d+)\.(?:started|response)$/.exec(key)?.[1])
      if (!Number.isSafeInteger(call) || charged.has(call) || this.#unbilled.has(call)) continue
      known.add(call)
    }
    for (const call of known) {
      const kept = await this.#kept(call)
      this.#charge({ call, model: this.#terms.model, usage: kept?.response.usage ?? null })
    }
  }

  async #make(call: number, digest: string, request: ModelRequest): Promise<ModelResponse> {
    this.#refuseUncovered(request)
    await this.#objects.put(this.#key(call, 'started'), utf8(digest))
    try {
      const response = await this.#model.complete(request, this.#signal)
      this.limits = response.limits ?? null
      await this.#keep(call, digest, response)
      this.#charge({ call, model: this.#terms.model, usage: response.usage })
      return response
    } catch (error) {
      if (!(error instanceof ModelError)) {
        this.#charge({ call, model: this.#terms.model, usage: null })
      } else if (error.usage !== undefined) {
        this.#charge({ call, model: this.#terms.model, usage: error.usage })
      } else if (error.billed === 'unknown') {
        this.#charge({ call, model: this.#terms.model, usage: null })
      } else this.#unbilled.add(call)
      throw error
    }
  }

  #refuseUncovered(request: ModelRequest): void {
    if (this.#terms.price === null) return
    const input = inputTokensBound(request)
    if (input > this.#terms.inputTokensMax || request.outputTokensMax > this.#terms.outputTokensMax) {
      throw new SliceExceeded(
        `the call has up to ${input} input and ${request.outputTokensMax} output tokens; the terms allow ${this.#terms.inputTokensMax} and ${this.#terms.outputTokensMax}`,
      )
    }
    const worst = worstCaseMicros(input, request.outputTokensMax, this.#terms.price)
    if (this.#chargedMicros + worst > this.#sliceMicros) {
      throw new SliceExceeded(
        `the call could cost ${worst} micro-dollars; ${this.#sliceMicros - this.#chargedMicros} are left of the attempt's ${this.#sliceMicros}`,
      )
    }
  }

  #charge(charge: Charge): void {
    this.charges.push(charge)
    if (this.#terms.price === null) return
    this.#chargedMicros +=
      charge.usage === null ? callCeilingMicros(this.#terms) : costMicros(charge.usage, this.#terms.price)
  }

  async #kept(call: number): Promise<KeptCall | null> {
    try {
      const bytes = await this.#objects.get(this.#key(call, 'response'))
      return JSON.parse(new TextDecoder().decode(bytes)) as KeptCall
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
    return `${this.#prefix}/${call}.${what}`
  }
}
