import { isAbsolute, join } from 'node:path'
import { type LanguageModel, ModelError } from '@infrafabric/ports'
import type { AnthropicConfig } from './anthropic.ts'
import type { BedrockConfig } from './bedrock.ts'
import { type ModelSpec, nameOf, type Provider } from './model-name.ts'
import type { OpenAiCompatibleConfig } from './openai-compatible.ts'

/** What is known about the providers; a member that is missing is a provider without key or address. */
export interface ModelsConfig {
  anthropic?: AnthropicConfig
  bedrock?: BedrockConfig
  /** By provider: openai, openrouter, openai-compatible, ollama, lm-studio, llama-cpp, vllm. */
  servers?: Partial<Record<Provider, OpenAiCompatibleConfig>>
  /** Where a GGUF model named without a folder is looked for. */
  ggufFolder?: string
  /** For each call. */
  timeoutMs?: number
}

/** Makes the model; nothing is sent yet. Rejects with ModelError when key, address or credentials are missing. */
export async function createLanguageModel(spec: ModelSpec, config: ModelsConfig): Promise<LanguageModel> {
  const timeout = config.timeoutMs === undefined ? {} : { timeoutMs: config.timeoutMs }
  switch (spec.provider) {
    case 'anthropic': {
      const { anthropicModel } = await import('./anthropic.ts')
      return anthropicModel(spec.model, { apiKey: '', ...timeout, ...config.anthropic })
    }
    case 'bedrock': {
      const { bedrockModel } = await import('./bedrock.ts')
      if (config.bedrock === undefined) throw noBedrock(spec)
      return bedrockModel(spec.model, { ...timeout, ...config.bedrock })
    }
    case 'gguf': {
      const { ggufModel } = await import('./local-gguf.ts')
      return ggufModel({ path: ggufPath(spec.model, config.ggufFolder), ...timeout })
    }
    default: {
      const { openAiCompatibleModel } = await import('./openai-compatible.ts')
      return openAiCompatibleModel(spec.provider, spec.model, {
        ...timeout,
        ...config.servers?.[spec.provider],
      })
    }
  }
}

function noBedrock(spec: ModelSpec): ModelError {
  return new ModelError(
    'unauthorized',
    `${nameOf(spec)}: no credentials; set AWS_REGION, and AWS_BEARER_TOKEN_BEDROCK or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (of a profile: aws configure export-credentials --format env)`,
    { billed: 'no' },
  )
}

function ggufPath(name: string, folder: string | undefined): string {
  const isPath = isAbsolute(name) || /[\\/]/.test(name)
  if (isPath || folder === undefined) return name
  return join(folder, /\.gguf$/i.test(name) ? name : `${name}.gguf`)
}
