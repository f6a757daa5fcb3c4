export type { AgentRuntime, AgentTools, Brief, TaskInput } from './agent-runtime.ts'
export { DriverError, type DriverErrorCode } from './errors.ts'
export type { Journal, JournalEntry, SessionHead } from './journal.ts'
export {
  type LanguageModel,
  ModelError,
  type ModelErrorCode,
  type ModelRequest,
  type ModelResponse,
} from './language-model.ts'
export type { DeadLetter, Delivery, MessageBus, Outgoing, ReceiveOptions } from './message-bus.ts'
export { evidenceKey, type ObjectStore } from './object-store.ts'
