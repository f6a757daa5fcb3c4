import type { LanguageModelV4Usage } from '@ai-sdk/provider'
import { type LanguageModel, ModelError } from '@infrafabric/ports'
import type { CallContext } from './errors.ts'
import { fetchWithoutRedirects, getJson, listedIds } from './http.ts'
import type { Provider } from './model-name.ts'
import { sdkLanguageModel } from './sdk-model.ts'
import { baseUrlOf, requireKey } from './settings.ts'

export interface OpenAiCompatibleConfig {
  /** With its version, as in `http://127.0.0.1:11434/v1`. Left out: the provider's own, where it has one. */
  baseUrl?: string
  /** Left out: none is sent, as servers on one's own machine want it. */
  apiKey?: string
  timeoutMs?: number
}

/** Servers that run models on the machine they are on, with the port each listens on by default. */
export const LOCAL_SERVERS = [
  { provider: 'ollama', label: 'Ollama', port: 11434 },
  { provider: 'lm-studio', label: 'LM Studio', port: 1234 },
  { provider: 'llama-cpp', label: 'llama.cpp', port: 8080 },
  { provider: 'vllm', label: 'vLLM', port: 8000 },
] as const satisfies readonly { provider: Provider; label: string; port: number }[]

const HOSTED: ReadonlyMap<Provider, { baseUrl: string; keyName: string }> = new Map([
  ['openai', { baseUrl: 'https://api.openai.com/v1', keyName: 'OPENAI_API_KEY' }],
  ['openrouter', { baseUrl: 'https://openrouter.ai/api/v1', keyName: 'OPENROUTER_API_KEY' }],
])

export function openAiCompatibleModel(
  provider: Provider,
  model: string,
  config: OpenAiCompatibleConfig,
): LanguageModel {
  const name = `${provider}/${model}`
  const hosted = HOSTED.get(provider)
  const local = LOCAL_SERVERS.find((server) => server.provider === provider)
  const fallback = hosted?.baseUrl ?? (local === undefined ? undefined : `http://127.0.0.1:${local.port}/v1`)
  const address = config.baseUrl ?? fallback
  const keyRemedy = `set ${hosted?.keyName ?? 'OPENAI_API_KEY'} to a valid key`
  if (address === undefined) {
    throw new ModelError('invalid-request', `${name}: no base URL; set OPENAI_BASE_URL`, { billed: 'no' })
  }
  const url = baseUrlOf(name, address)
  const keyIsNeeded = hosted !== undefined && config.baseUrl === undefined
  if (keyIsNeeded || config.apiKey !== undefined) requireKey(name, config.apiKey, keyRemedy)
  const context: CallContext = { name, url, keyRemedy, secrets: [config.apiKey ?? ''] }
  return sdkLanguageModel({
    provider,
    model,
    free: local !== undefined && isLoopback(url) && !RUNS_ELSEWHERE.test(model),
    context,
    timeoutMs: config.timeoutMs,
    load: async () => {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
      return createOpenAICompatible({
        name: provider,
        baseURL: url,
        fetch: fetchWithoutRedirects,
        supportsStructuredOutputs: true,
        convertUsage,
        transformRequestBody: (body) => adapt(provider, body),
        ...(config.apiKey === undefined ? {} : { apiKey: config.apiKey }),
      })(model)
    },
    check: (signal) => check(model, config, context, signal),
    // OpenAI itself enforces the schema; other servers may ignore it, and their model must be told.
    ...(provider === 'openai' ? {} : { schemaInstruction }),
  })
}

/** Ollama serves models of this name from its makers' cloud, which is neither here nor free. */
const RUNS_ELSEWHERE = /[-:]cloud$/

export function isLoopback(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host)
}

function schemaInstruction(schema: Record<string, unknown>): string {
  return `Answer with one JSON object and nothing else. It must match this JSON Schema:\n${JSON.stringify(schema)}`
}

/** OpenAI takes the cap on output under a newer name, and enforces only schemas that leave nothing optional. */
function adapt(provider: Provider, body: Record<string, unknown>): Record<string, unknown> {
  const format = body.response_format
  const strict = isRecord(format) && isRecord(format.json_schema) && isClosed(format.json_schema.schema)
  const adapted =
    isRecord(format) && isRecord(format.json_schema)
      ? { ...body, response_format: { ...format, json_schema: { ...format.json_schema, strict } } }
      : body
  if (provider !== 'openai') return adapted
  const { max_tokens, ...rest } = adapted as Record<string, unknown>
  return { ...rest, max_completion_tokens: max_tokens }
}

function isClosed(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isClosed)
  if (!isRecord(schema)) return true
  const properties = schema.properties
  if (isRecord(properties)) {
    const required: unknown = schema.required
    const all = Array.isArray(required) && Object.keys(properties).every((key) => required.includes(key))
    if (!all || schema.additionalProperties !== false) return false
    if (!Object.values(properties).every(isClosed)) return false
  }
  return [schema.items, schema.anyOf].every(isClosed)
}

interface WireUsage {
  prompt_tokens?: number | null
  completion_tokens?: number | null
  total_tokens?: number | null
  prompt_tokens_details?: Record<string, unknown> | null
  completion_tokens_details?: { reasoning_tokens?: number | null } | null
}

/**
 * `prompt_tokens` includes what the cache served. Some servers (xAI) leave reasoning out of `completion_tokens` and
 * count it in `total_tokens` only: what the total has beyond the two was output. What is not reported stays unknown.
 */
function convertUsage(usage: WireUsage | null | undefined): LanguageModelV4Usage {
  const input = usage?.prompt_tokens ?? undefined
  const completion = usage?.completion_tokens ?? undefined
  const beyond = Math.max(0, (usage?.total_tokens ?? 0) - (input ?? 0) - (completion ?? 0))
  const cached = usage?.prompt_tokens_details ?? {}
  return {
    inputTokens: {
      total: input,
      noCache: undefined,
      cacheRead: numberOf(cached.cached_tokens),
      cacheWrite: numberOf(cached.cache_write_tokens),
    },
    outputTokens: {
      total: completion === undefined ? undefined : completion + beyond,
      text: undefined,
      reasoning: usage?.completion_tokens_details?.reasoning_tokens ?? 0,
    },
  }
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Finds the model in `GET /models`, which costs nothing. A server without that list is left to its first answer. */
async function check(
  model: string,
  config: OpenAiCompatibleConfig,
  context: CallContext,
  signal: AbortSignal,
): Promise<void> {
  const headers: Record<string, string> =
    config.apiKey === undefined ? {} : { authorization: `Bearer ${config.apiKey}` }
  const { status, json } = await getJson(`${context.url}/models`, headers, context, signal)
  const ids = status < 300 ? listedIds(json) : undefined
  if (ids === undefined || ids.includes(model) || ids.includes(`${model}:latest`)) return
  const known =
    ids.length === 0 ? 'it has none' : `it has ${ids.slice(0, 8).join(', ')}${ids.length > 8 ? ', …' : ''}`
  throw new ModelError('not-found', `${context.name}: no such model at ${context.url}; ${known}`, {
    billed: 'no',
  })
}
