export { journalCompliance } from './journal.ts'
export { type BusUnderTest, messageBusCompliance } from './message-bus.ts'
export { objectStoreCompliance } from './object-store.ts'
