import { utf8 } from '@infrafabric/protocol'

/** What a request sends that a provider counts as input. */
export interface BoundedRequest {
  system: string
  prompt: string
  schema?: Record<string, unknown>
}

/**
 * Tokens a provider adds on its own: turn markers and the preamble that makes structured output or tools work.
 * Anthropic documents 159 to 530 tokens of tool-use system prompt for its models
 * (https://docs.anthropic.com/en/docs/tool-use-pricing-and-tokens, 346 and 313 for those after Claude 3); this
 * leaves as much again for what is not documented.
 */
const PREAMBLE_TOKENS_MAX = 1_024

/**
 * More input tokens than any provider can count for this request. A token of a byte-level vocabulary covers at
 * least one byte of the text, so bytes bound tokens; a tokenizer that applies NFKC first sees the longer of the
 * two forms. The schema counts twice, because a provider may send it to the model in a notation of its own.
 */
export function inputTokensBound(request: BoundedRequest): number {
  const schema = request.schema === undefined ? 0 : 2 * bytesMax(JSON.stringify(request.schema))
  return bytesMax(request.system) + bytesMax(request.prompt) + schema + PREAMBLE_TOKENS_MAX
}

function bytesMax(text: string): number {
  return Math.max(utf8(text).length, utf8(text.normalize('NFKC')).length)
}
