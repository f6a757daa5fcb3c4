import type { RateLimits, Usage } from '@infrafabric/session'

export interface ModelRequest {
  system: string
  prompt: string
  /** JSON Schema of the object wanted; left out: plain text. */
  schema?: Record<string, unknown>
  schemaName?: string
  /** Includes reasoning tokens. */
  outputTokensMax: number
}

export interface ModelResponse {
  text: string
  /** Parsed from `text` when a schema was asked for; the caller checks it. */
  object?: unknown
  usage: Usage
  finish: 'stop' | 'length' | 'refusal' | 'other'
  /** The exact model that answered, as the provider named it. */
  model: string
  limits?: RateLimits
}

export type ModelErrorCode =
  | 'unauthorized' // wrong, missing or revoked key
  | 'forbidden'
  | 'not-found' // no such model
  | 'invalid-request' // 400: trying again will not help
  | 'rate-limited' // 429
  | 'spend-limit' // the provider's own budget is used up: never retried
  | 'overloaded' // 529, 503
  | 'unavailable' // 5xx, connection refused or reset
  | 'timeout'
  | 'garbage' // an answer that is not the provider's wire format, or half of one
  | 'aborted'

export class ModelError extends Error {
  override readonly name = 'ModelError'
  readonly code: ModelErrorCode
  /**
   * Whether the provider may have billed the call: `no` only when it certainly did not (refused before work,
   * or never sent). `usage` is set when an answer came that could not be used: then it is known.
   */
  readonly billed: 'no' | 'unknown'
  readonly usage: Usage | undefined
  readonly retryAfterMs: number | undefined

  constructor(
    code: ModelErrorCode,
    detail: string,
    options: { billed: 'no' | 'unknown'; usage?: Usage; retryAfterMs?: number; cause?: unknown },
  ) {
    super(detail, { cause: options.cause })
    this.code = code
    this.billed = options.billed
    this.usage = options.usage
    this.retryAfterMs = options.retryAfterMs
  }
}

/** One model of one provider. Never retries: pace and retries belong to the session. */
export interface LanguageModel {
  /** As in `anthropic`. */
  readonly provider: string
  /** As in `claude-haiku-4-5`. */
  readonly model: string
  /** True for a model on this machine: its calls cost nothing. */
  readonly free: boolean

  /** Rejects with ModelError. */
  complete(request: ModelRequest, signal: AbortSignal): Promise<ModelResponse>

  /** Finds a wrong key or model before anything is spent, by calls that cost nothing. Rejects with ModelError. */
  check(signal: AbortSignal): Promise<void>
}
