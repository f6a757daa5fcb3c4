import { type LanguageModel, ModelError } from '@infrafabric/ports'
import { type CallContext, fromFailure } from './errors.ts'
import { fetchWithoutRedirects, getJson, listedIds } from './http.ts'
import { sdkLanguageModel } from './sdk-model.ts'
import { baseUrlOf, requireKey } from './settings.ts'

export interface AnthropicConfig {
  apiKey: string
  /** With or without the final `/v1`; left out: https://api.anthropic.com. */
  baseUrl?: string
  timeoutMs?: number
}

const BASE_URL = 'https://api.anthropic.com'
const API_VERSION = '2023-06-01'

export function anthropicModel(model: string, config: AnthropicConfig): LanguageModel {
  const name = `anthropic/${model}`
  const url = versioned(baseUrlOf(name, config.baseUrl ?? BASE_URL))
  const context: CallContext = {
    name,
    url,
    keyRemedy: 'set ANTHROPIC_API_KEY to a valid key',
    secrets: [config.apiKey],
  }
  requireKey(name, config.apiKey, context.keyRemedy)
  return sdkLanguageModel({
    provider: 'anthropic',
    model,
    free: false,
    context,
    timeoutMs: config.timeoutMs,
    load: async () => {
      const { createAnthropic } = await import('@ai-sdk/anthropic')
      return createAnthropic({ baseURL: url, apiKey: config.apiKey, fetch: fetchWithoutRedirects })(model)
    },
    check: (signal) => check(model, config, context, signal),
  })
}

/** `ANTHROPIC_BASE_URL` is commonly written without the version, which the SDK wants. */
function versioned(url: string): string {
  return url.endsWith('/v1') ? url : `${url}/v1`
}

/**
 * Looks the model up by `GET /v1/models/{id}`, which knows aliases and costs nothing. A compatible server of
 * somebody else need not have a list; where it has none, its first answer decides.
 */
async function check(
  model: string,
  config: AnthropicConfig,
  context: CallContext,
  signal: AbortSignal,
): Promise<void> {
  const headers = { 'x-api-key': config.apiKey, 'anthropic-version': API_VERSION }
  const one = await getJson(`${context.url}/models/${encodeURIComponent(model)}`, headers, context, signal)
  if (one.status < 300) return
  const all = await getJson(`${context.url}/models?limit=1000`, headers, context, signal)
  const ids = all.status < 300 ? listedIds(all.json) : undefined
  if (ids?.includes(model)) return
  if (ids === undefined && config.baseUrl !== undefined && !isAnthropicError(one.json)) return
  const body = JSON.stringify(one.json ?? '')
  const known = ids === undefined || ids.length === 0 ? '' : `; it has ${ids.slice(0, 8).join(', ')}`
  const refused = fromFailure({ status: 404, headers: {}, body }, context, Date.now())
  throw new ModelError('not-found', `${refused.message}${known}`, { billed: 'no' })
}

function isAnthropicError(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'type' in json && json.type === 'error'
}
