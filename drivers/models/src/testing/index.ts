export {
  type AnthropicCall,
  type AnthropicServer,
  type AnthropicServerOptions,
  type AnthropicUsage,
  startAnthropicServer,
} from './anthropic-server.ts'
export { type Fault, type Loopback, type RecordedRequest, type Reply, startLoopback } from './loopback.ts'
export { type NumberedPassage, readPassages } from './passages.ts'
