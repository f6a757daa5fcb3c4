import { journalCompliance, messageBusCompliance, objectStoreCompliance } from '@infrafabric/ports/compliance'
import { systemClock } from '../clock.ts'
import { MemoryBus } from './memory-bus.ts'
import { MemoryJournal } from './memory-journal.ts'
import { MemoryObjectStore } from './memory-object-store.ts'

journalCompliance('memory', async () => new MemoryJournal(Date.now))
objectStoreCompliance('memory', async () => new MemoryObjectStore())
messageBusCompliance('memory', async () => {
  let now = 0
  return {
    bus: new MemoryBus({ ...systemClock, now: () => now }),
    async advance(ms) {
      now += ms
    },
  }
})
