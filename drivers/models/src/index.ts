export { type AnthropicConfig, anthropicModel } from './anthropic.ts'
