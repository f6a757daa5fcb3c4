export { type AnthropicConfig, anthropicModel } from './anthropic.ts'
export { type BedrockConfig, bedrockModel } from './bedrock.ts'
export { type ChooseRequest, chooseModel, listModels, type ModelChoice } from './choose-model.ts'
export { createLanguageModel, type ModelsConfig } from './create-language-model.ts'
export { createExtractive } from './extractive/index.ts'
export { type GgufConfig, ggufModel, type LlamaPackage } from './local-gguf.ts'
export {
  type ModelNameParsed,
  type ModelSpec,
  nameOf,
  PROVIDERS,
  type Provider,
  parseModelName,
} from './model-name.ts'
export type { ModelOption, Probes } from './model-sources.ts'
export { type Environment, modelsConfig } from './models-config.ts'
export { type OpenAiCompatibleConfig, openAiCompatibleModel } from './openai-compatible.ts'
