/** A model and who serves it: `anthropic/claude-haiku-4-5` is `{provider: 'anthropic', model: 'claude-haiku-4-5'}`. */
export interface ModelSpec {
  provider: Provider
  /** As the provider calls it; may itself hold slashes and colons. Of `gguf`: a file. */
  model: string
}

export const PROVIDERS = [
  'anthropic',
  'bedrock',
  'openai',
  'openrouter',
  'openai-compatible',
  'ollama',
  'lm-studio',
  'llama-cpp',
  'vllm',
  'gguf',
] as const
export type Provider = (typeof PROVIDERS)[number]

export type ModelNameParsed = { ok: true; spec: ModelSpec } | { ok: false; reason: string }

/** Models whose name says by itself who serves them. */
const BARE_NAMES: readonly (readonly [RegExp, Provider])[] = [
  [/^claude-/, 'anthropic'],
  [/^(?:gpt-|chatgpt-|o\d)/, 'openai'],
  [/\.gguf$/i, 'gguf'],
]

/** Reads `provider/model`, or a name that only one provider can mean. `auto` and `extractive` are no names here. */
export function parseModelName(name: string): ModelNameParsed {
  const text = name.trim()
  const slash = text.indexOf('/')
  const provider = PROVIDERS.find((known) => known === text.slice(0, slash))
  if (provider !== undefined && slash + 1 < text.length) {
    return { ok: true, spec: { provider, model: text.slice(slash + 1) } }
  }
  const bare = BARE_NAMES.find(([pattern, owner]) => pattern.test(text) && (slash < 0 || owner === 'gguf'))
  if (bare !== undefined) return { ok: true, spec: { provider: bare[1], model: text } }
  return {
    ok: false,
    reason: `model "${name}" is not known; write auto, extractive or provider/model, as in anthropic/claude-haiku-4-5, with one of ${PROVIDERS.join(', ')}`,
  }
}

export function nameOf(spec: ModelSpec): string {
  return `${spec.provider}/${spec.model}`
}
