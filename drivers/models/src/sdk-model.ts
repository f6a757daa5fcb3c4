import type { LanguageModelV4, LanguageModelV4Content, LanguageModelV4FinishReason } from '@ai-sdk/provider'
import { type LanguageModel, ModelError, type ModelRequest, type ModelResponse } from '@infrafabric/ports'
import { type CallContext, garbage } from './errors.ts'
import { rateLimits } from './limits.ts'
import { parseObject } from './parse-object.ts'
import { toUsage } from './usage.ts'
import { withinLimits } from './within-limits.ts'

/** Under the 300 s after which Node's own fetch gives up waiting for headers. */
const TIMEOUT_MS = 240_000
const CHECK_TIMEOUT_MS = 15_000

export interface SdkModelOptions {
  provider: string
  model: string
  free: boolean
  context: CallContext
  timeoutMs: number | undefined
  /** Imports the SDK's provider on first use: each takes a tenth of a second or more. */
  load: () => Promise<LanguageModelV4>
  check: (signal: AbortSignal) => Promise<void>
  /** Added to the system prompt when an object is asked for, where the server may not enforce the schema itself. */
  schemaInstruction?: (schema: Record<string, unknown>) => string
}

/**
 * One model behind the SDK's provider interface. It is called directly rather than by `generateText`, which would
 * put its own retries and its own parsing between the provider's words and our table of errors.
 */
export function sdkLanguageModel(options: SdkModelOptions): LanguageModel {
  const { provider, model, free, context } = options
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  return {
    provider,
    model,
    free,
    complete: (request, signal) =>
      withinLimits(context, timeoutMs, signal, async (limit) =>
        answer(await options.load(), request, limit, options),
      ),
    check: (signal) => withinLimits(context, Math.min(timeoutMs, CHECK_TIMEOUT_MS), signal, options.check),
  }
}

async function answer(
  sdk: LanguageModelV4,
  request: ModelRequest,
  abortSignal: AbortSignal,
  { model, context, schemaInstruction }: SdkModelOptions,
): Promise<ModelResponse> {
  const { schema } = request
  const instruction = schema === undefined ? undefined : schemaInstruction?.(schema)
  const system = [request.system, instruction]
    .filter((part) => part !== undefined && part !== '')
    .join('\n\n')
  const result = await sdk.doGenerate({
    prompt: [
      ...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
      { role: 'user', content: [{ type: 'text', text: request.prompt }] },
    ],
    maxOutputTokens: request.outputTokensMax,
    abortSignal,
    ...(schema === undefined
      ? {}
      : { responseFormat: { type: 'json', schema, name: request.schemaName ?? 'answer' } as const }),
  })
  const usage = toUsage(result.usage)
  if (typeof usage === 'string') throw garbage(context, usage)
  const text = result.structuredOutputText ?? joinText(result.content)
  const finish = finishOf(result.finishReason)
  const limits = rateLimits(result.response?.headers ?? {}, Date.now())
  const object = schema === undefined ? undefined : parseObject(text)
  if (schema !== undefined && object === undefined && finish === 'stop') {
    const detail = `${context.name}: the answer is not the JSON object that was asked for`
    throw new ModelError('garbage', detail, { billed: 'unknown', usage })
  }
  return {
    text,
    ...(object === undefined ? {} : { object }),
    usage,
    finish,
    model: result.response?.modelId ?? model,
    ...(limits === undefined ? {} : { limits }),
  }
}

function joinText(content: readonly LanguageModelV4Content[]): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

function finishOf({ unified }: LanguageModelV4FinishReason): ModelResponse['finish'] {
  if (unified === 'stop' || unified === 'length') return unified
  return unified === 'content-filter' ? 'refusal' : 'other'
}
