export { openJournal, openJournalReadOnly } from './journal.ts'
export { type MessageBusOptions, openMessageBus } from './message-bus.ts'
export { type ObjectStoreOptions, openObjectStore } from './object-store.ts'
