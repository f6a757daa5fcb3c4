import { AISDKError, APICallError, InvalidResponseDataError, LoadAPIKeyError } from '@ai-sdk/provider'
import { ModelError, type ModelErrorCode } from '@infrafabric/ports'
import { type ErrorBody, readErrorBody } from './error-body.ts'
import { type Headers, retryAfterMs } from './limits.ts'

/** Whom a call went to, for the wording of an error. */
export interface CallContext {
  /** As in `anthropic/claude-haiku-4-5`. */
  name: string
  /** Where requests go, for people. */
  url: string
  /** What to do about a refused key, as in `set ANTHROPIC_API_KEY`. */
  keyRemedy: string
  /** Never shown, whatever a server sends back. */
  secrets: readonly string[]
}

/** A response that is not a success, or a success that could not be read. */
export interface HttpFailure {
  status: number
  headers: Headers
  body: string
}

interface Row {
  code: ModelErrorCode
  billed: 'no' | 'unknown'
}

/** Refusals cost nothing. A server that failed while at work may have billed what it did. */
const BY_STATUS: ReadonlyMap<number, Row> = new Map([
  [400, { code: 'invalid-request', billed: 'no' }],
  [401, { code: 'unauthorized', billed: 'no' }],
  [402, { code: 'spend-limit', billed: 'no' }],
  [403, { code: 'forbidden', billed: 'no' }],
  [404, { code: 'not-found', billed: 'no' }],
  [405, { code: 'not-found', billed: 'no' }],
  [408, { code: 'timeout', billed: 'unknown' }],
  [413, { code: 'invalid-request', billed: 'no' }],
  [424, { code: 'unavailable', billed: 'unknown' }],
  [422, { code: 'invalid-request', billed: 'no' }],
  [429, { code: 'rate-limited', billed: 'no' }],
  [503, { code: 'overloaded', billed: 'no' }],
  [504, { code: 'timeout', billed: 'unknown' }],
  [529, { code: 'overloaded', billed: 'no' }],
])

/** Machine-readable words for a spent budget, in `error.type`, `error.code` or `error.details.error_code`. */
const SPEND_CODES: ReadonlySet<string> = new Set([
  'billing_error',
  'billing_hard_limit_reached',
  'billing_not_active',
  'credit_balance_exhausted',
  'enforced_spend_limit_reached',
  'insufficient_quota',
])
const SPEND_WORDS =
  /credit balance is too low|specified (?:workspace )?api usage limits|spend(?:ing)? limit|insufficient (?:balance|credits|funds)|requires more credits/i
const UNKNOWN_MODEL_WORDS =
  /model identifier is invalid|model\b.{0,120}\b(?:does not exist|not found|unknown)/i
const BAD_CREDENTIAL_WORDS = /security token|signature we calculated|expiredtoken|unrecognizedclient/i

/** Errors of a connection that was never made, so that nothing was sent. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UND_ERR_CONNECT_TIMEOUT',
])
const TIMED_OUT: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
])

/** The one table from what the SDK, the network or a server reports to our codes. */
export function toModelError(error: unknown, context: CallContext, nowMs: number): ModelError {
  if (error instanceof ModelError) return error
  if (APICallError.isInstance(error)) {
    const { statusCode, responseHeaders = {}, responseBody = '' } = error
    if (statusCode !== undefined && (statusCode < 200 || statusCode > 299)) {
      return fromFailure(
        { status: statusCode, headers: responseHeaders, body: responseBody },
        context,
        nowMs,
        error,
      )
    }
    const network = networkError(error, context)
    if (statusCode === undefined) return network ?? fromUnknown(error, context)
    if (network?.code === 'timeout') return network
    const said = responseBody.includes('"error"') ? readErrorBody(responseBody).message : error.message
    return garbage(context, `the answer is cut off or not in the provider's format (${said})`, error)
  }
  if (InvalidResponseDataError.isInstance(error)) return garbage(context, error.message, error)
  if (LoadAPIKeyError.isInstance(error)) {
    return new ModelError('unauthorized', `${context.name}: no key; ${context.keyRemedy}`, {
      billed: 'no',
      cause: error,
    })
  }
  return networkError(error, context) ?? fromUnknown(error, context)
}

export function garbage(context: CallContext, what: string, cause?: unknown): ModelError {
  return new ModelError('garbage', clean(`${context.name}: ${what}`, context), { billed: 'unknown', cause })
}

export function fromFailure(
  failure: HttpFailure,
  context: CallContext,
  nowMs: number,
  cause?: unknown,
): ModelError {
  const said = readErrorBody(failure.body)
  const row = judge(failure.status, said)
  const wait = row.code === 'spend-limit' ? undefined : retryAfterMs(failure.headers, nowMs)
  const words = said.message === '' ? '' : ` ${said.message}`
  const location = failure.headers.location
  const detail =
    failure.status >= 300 && failure.status < 400
      ? `${context.name}: ${context.url} redirects to ${location ?? 'another address'}, which is not followed; set the base URL to the final address`
      : `${context.name}: ${failure.status}${words}; ${remedy(row.code, context)}`
  return new ModelError(row.code, clean(detail, context), {
    billed: row.billed,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    cause,
  })
}

function judge(status: number, said: ErrorBody): Row {
  const spent = said.codes.some((code) => SPEND_CODES.has(code)) || SPEND_WORDS.test(said.message)
  if (spent && status >= 400 && status < 500) return { code: 'spend-limit', billed: 'no' }
  if (status === 400 && UNKNOWN_MODEL_WORDS.test(said.message)) return { code: 'not-found', billed: 'no' }
  if (status === 403 && BAD_CREDENTIAL_WORDS.test(said.message)) return { code: 'unauthorized', billed: 'no' }
  const row = BY_STATUS.get(status)
  if (row !== undefined) return row
  return status >= 500
    ? { code: 'unavailable', billed: 'unknown' }
    : { code: 'invalid-request', billed: 'no' }
}

function remedy(code: ModelErrorCode, context: CallContext): string {
  switch (code) {
    case 'unauthorized':
      return `the key was refused: ${context.keyRemedy}`
    case 'forbidden':
      return 'this key may not use this model: check its permissions with the provider'
    case 'not-found':
      return `no such model at ${context.url}: check the model's name and the base URL`
    case 'rate-limited':
      return "the provider's rate limit is reached"
    case 'spend-limit':
      return "the provider's own spending limit is reached: raise it or add credit there"
    case 'overloaded':
      return 'the provider is overloaded'
    case 'timeout':
      return 'the provider took too long'
    case 'unavailable':
      return 'the provider failed'
    default:
      return 'the provider refused the request'
  }
}

function networkError(error: unknown, context: CallContext): ModelError | undefined {
  const code = networkCode(error)
  if (code === undefined) return undefined
  const billed = NEVER_SENT.has(code) ? 'no' : 'unknown'
  const what = TIMED_OUT.has(code) ? 'timeout' : 'unavailable'
  const told = billed === 'no' ? 'cannot be reached' : 'broke off the connection'
  return new ModelError(what, `${context.name}: ${context.url} ${told} (${code})`, { billed, cause: error })
}

function networkCode(error: unknown): string | undefined {
  const seen = new Set<unknown>()
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at)
    if (
      'code' in at &&
      typeof at.code === 'string' &&
      /^(?:E[A-Z]|UND_ERR|CERT_|DEPTH_|SELF_|UNABLE_)/.test(at.code)
    ) {
      return at.code
    }
    if (at instanceof AggregateError && at.errors.length > 0) {
      const first = networkCode(at.errors[0])
      if (first !== undefined) return first
    }
  }
  return undefined
}

function fromUnknown(error: unknown, context: CallContext): ModelError {
  const message = error instanceof Error ? error.message : String(error)
  // The SDK's own refusals (a setting it does not know, a prompt it cannot convert) happen before anything is sent.
  const refused = AISDKError.isInstance(error) && !APICallError.isInstance(error)
  return new ModelError(
    refused ? 'invalid-request' : 'unavailable',
    clean(`${context.name}: ${message}`, context),
    {
      billed: refused ? 'no' : 'unknown',
      cause: error,
    },
  )
}

function clean(detail: string, context: CallContext): string {
  return context.secrets
    .filter((secret) => secret.length > 0)
    .reduce((text, secret) => text.replaceAll(secret, '[secret]'), detail)
}
