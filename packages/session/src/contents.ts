import type { Claim, Quote } from '@infrafabric/evidence'
import { isJsonObject, type Json, type JsonObject } from '@infrafabric/protocol'
import { PLANNED_TASKS_MAX, TASK_ID_MAX } from './mission.ts'
import type { Outcome, PlannedTask, RateLimits, Role, Usage } from './work.ts'

/** Content of a `request` from the coordinator to an agent. */
export interface TaskRequest {
  kind: 'task'
  task: string
  attempt: number
  role: Role
  question: string
  objective: string
  inputs: { task: string; question: string; outcome: Outcome | null }[]
  slice_micros: number
  timeout_ms: number
  tasks_max: number
}

/** Content of an `inform` from an agent: the attempt succeeded. */
export interface TaskResult {
  kind: 'result'
  task: string
  attempt: number
  outcome: Outcome
  charges: Charge[]
  limits: RateLimits | null
}

/** Content of a `failure` from an agent. */
export interface TaskFailure {
  kind: 'failure'
  task: string
  attempt: number
  code: FailureCode
  detail: string
  retry_after_ms: number | null
  charges: Charge[]
  limits: RateLimits | null
}

/** One model call of an attempt. `usage: null`: its fate is unknown, so it is charged at its ceiling. */
export interface Charge {
  call: number
  model: string
  usage: Usage | null
}

const FAILURE_CODES = [
  'throttled', // the provider asks for fewer calls; nothing was done
  'unavailable', // the provider or the network failed
  'timeout',
  'garbage', // the model's answer could not be used
  'refused', // the model declined
  'crashed', // a function agent threw
  'slice-exceeded', // the next call could have cost more than what is left of the slice
  'invalid-request', // the provider will never accept this call
  'unauthorized', // wrong key: no call of this session can succeed
  'spend-limit', // the provider's own limit: no call of this session can succeed
  'cut-off', // a crash left calls whose answers nobody has, and the slice covers no more: another attempt can
  'cancelled',
] as const
export type FailureCode = (typeof FAILURE_CODES)[number]

export type Parsed<T> = { ok: true; value: T } | { ok: false; detail: string }

const TEXT_MAX = 1_000_000
const CLAIMS_MAX = 500
const QUOTES_MAX = 100
const CHARGES_MAX = 1_000
/** A message is 32 deep at the most, and a request holds the data of its inputs five levels down. */
const DATA_DEPTH_MAX = 24
/** No model takes or gives as much in one call; keeps every sum of money countable. */
const TOKENS_MAX = 1_000_000_000

/** Checks what an agent says: it is verified to be theirs, which does not make it well-formed. */
export function parseReply(content: Json): Parsed<TaskResult | TaskFailure> {
  try {
    const reply = object(content, 'content')
    const kind = text(reply, 'kind')
    if (kind === 'result') return { ok: true, value: parseResult(reply) }
    if (kind === 'failure') return { ok: true, value: parseFailure(reply) }
    return { ok: false, detail: `content.kind: unknown "${kind.slice(0, 40)}"` }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, detail: error.message }
    throw error
  }
}

/** The same checks for an outcome alone, as an agent's runtime hands it over before it is signed. */
export function parseOutcome(value: Json): Parsed<Outcome> {
  try {
    return { ok: true, value: outcomeOf(value) }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, detail: error.message }
    throw error
  }
}

class Malformed extends Error {}

function parseResult(reply: JsonObject): TaskResult {
  exactly(reply, ['attempt', 'charges', 'kind', 'limits', 'outcome', 'task'])
  return {
    kind: 'result',
    task: text(reply, 'task', 200),
    attempt: count(reply, 'attempt'),
    outcome: outcomeOf(reply.outcome ?? null),
    charges: chargesOf(reply.charges ?? null),
    limits: limitsOf(reply.limits ?? null),
  }
}

function parseFailure(reply: JsonObject): TaskFailure {
  exactly(reply, ['attempt', 'charges', 'code', 'detail', 'kind', 'limits', 'retry_after_ms', 'task'])
  const code = text(reply, 'code', 40)
  if (!(FAILURE_CODES as readonly string[]).includes(code)) throw new Malformed(`code: unknown "${code}"`)
  return {
    kind: 'failure',
    task: text(reply, 'task', 200),
    attempt: count(reply, 'attempt'),
    code: code as FailureCode,
    detail: text(reply, 'detail', 4_000),
    retry_after_ms: reply.retry_after_ms === null ? null : count(reply, 'retry_after_ms'),
    charges: chargesOf(reply.charges ?? null),
    limits: limitsOf(reply.limits ?? null),
  }
}

function outcomeOf(value: Json): Outcome {
  const outcome = object(value, 'outcome')
  exactly(outcome, ['answer', 'claims'], ['data', 'tasks'])
  const parsed: Outcome = {
    answer: text(outcome, 'answer', TEXT_MAX),
    claims: list(outcome.claims ?? null, 'claims', CLAIMS_MAX).map(claimOf),
  }
  if (outcome.tasks !== undefined)
    parsed.tasks = list(outcome.tasks, 'tasks', PLANNED_TASKS_MAX).map(plannedOf)
  if (outcome.data !== undefined) {
    if (!fitsDepth(outcome.data, DATA_DEPTH_MAX))
      throw new Malformed(`data: nested deeper than ${DATA_DEPTH_MAX}`)
    parsed.data = outcome.data
  }
  return parsed
}

function fitsDepth(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((member) => fitsDepth(member, levels - 1))
}

function claimOf(value: Json): Claim {
  const claim = object(value, 'claim')
  exactly(claim, ['contradicts', 'supports', 'text'])
  return {
    text: text(claim, 'text', 20_000),
    supports: list(claim.supports ?? null, 'supports', QUOTES_MAX).map(quoteOf),
    contradicts: list(claim.contradicts ?? null, 'contradicts', QUOTES_MAX).map(quoteOf),
  }
}

function quoteOf(value: Json): Quote {
  const quote = object(value, 'quote')
  exactly(quote, ['passage', 'source', 'text'])
  const source = text(quote, 'source', 64)
  if (!/^[0-9a-f]{64}$/.test(source)) throw new Malformed('quote.source: not a SHA-256')
  return {
    source: source as Quote['source'],
    passage: count(quote, 'passage'),
    text: text(quote, 'text', 20_000),
  }
}

function plannedOf(value: Json): PlannedTask {
  const task = object(value, 'task')
  exactly(task, ['id', 'needs', 'question'])
  return {
    id: text(task, 'id', TASK_ID_MAX),
    question: text(task, 'question', 4_000),
    needs: list(task.needs ?? null, 'needs', PLANNED_TASKS_MAX).map((need) => {
      if (typeof need !== 'string' || need.length > TASK_ID_MAX)
        throw new Malformed('needs: not the id of a task')
      return need
    }),
  }
}

function chargesOf(value: Json): Charge[] {
  return list(value, 'charges', CHARGES_MAX).map((item) => {
    const charge = object(item, 'charge')
    exactly(charge, ['call', 'model', 'usage'])
    return {
      call: count(charge, 'call'),
      model: text(charge, 'model', 200),
      usage: charge.usage === null ? null : usageOf(charge.usage ?? null),
    }
  })
}

function usageOf(value: Json): Usage {
  const usage = object(value, 'usage')
  exactly(usage, ['cacheReadTokens', 'cacheWriteTokens', 'inputTokens', 'outputTokens', 'reasoningTokens'])
  const tokens = (member: string): number => count(usage, member, TOKENS_MAX)
  const parsed = {
    inputTokens: tokens('inputTokens'),
    cacheReadTokens: tokens('cacheReadTokens'),
    cacheWriteTokens: tokens('cacheWriteTokens'),
    outputTokens: tokens('outputTokens'),
    reasoningTokens: tokens('reasoningTokens'),
  }
  if (parsed.cacheReadTokens + parsed.cacheWriteTokens > parsed.inputTokens) {
    throw new Malformed('usage: more cached tokens than input tokens')
  }
  if (parsed.reasoningTokens > parsed.outputTokens) {
    throw new Malformed('usage: more reasoning tokens than output tokens')
  }
  return parsed
}

function limitsOf(value: Json): RateLimits | null {
  if (value === null) return null
  const limits = object(value, 'limits')
  exactly(limits, [], ['requestsRemaining', 'resetMs', 'tokensRemaining'])
  const parsed: RateLimits = {}
  if (limits.requestsRemaining !== undefined) parsed.requestsRemaining = count(limits, 'requestsRemaining')
  if (limits.tokensRemaining !== undefined) parsed.tokensRemaining = count(limits, 'tokensRemaining')
  if (limits.resetMs !== undefined) parsed.resetMs = count(limits, 'resetMs')
  return parsed
}

function object(value: Json, what: string): JsonObject {
  if (!isJsonObject(value)) throw new Malformed(`${what}: not an object`)
  return value
}

function list(value: Json, what: string, max: number): Json[] {
  if (!Array.isArray(value)) throw new Malformed(`${what}: not a list`)
  if (value.length > max) throw new Malformed(`${what}: ${value.length} items, at most ${max}`)
  return value
}

function text(from: JsonObject, member: string, max = 200): string {
  const value = from[member]
  if (typeof value !== 'string') throw new Malformed(`${member}: not text`)
  if (value.length > max) throw new Malformed(`${member}: ${value.length} characters, at most ${max}`)
  return value
}

function count(from: JsonObject, member: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = from[member]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) {
    throw new Malformed(`${member}: not a whole number from 0 to ${max}`)
  }
  return value
}

function exactly(from: JsonObject, required: string[], optional: string[] = []): void {
  let present = 0
  for (const member in from) {
    if (required.includes(member)) present++
    else if (!optional.includes(member)) throw new Malformed(`unknown member "${member.slice(0, 40)}"`)
  }
  if (present !== required.length) {
    throw new Malformed(`missing "${required.find((member) => from[member] === undefined)}"`)
  }
}
