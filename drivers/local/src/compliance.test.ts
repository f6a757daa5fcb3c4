import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { journalCompliance, messageBusCompliance, objectStoreCompliance } from '@infrafabric/ports/compliance'
import { afterAll } from 'vitest'
import { openJournal } from './journal.ts'
import { openMessageBus } from './message-bus.ts'
import { openObjectStore } from './object-store.ts'

const root = mkdtempSync(join(tmpdir(), 'infrafabric-'))
const fresh = () => mkdtempSync(join(root, 'home-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

journalCompliance('SQLite', () => openJournal(join(fresh(), 'journal.db'), Date.now))

async function openBus() {
  let time = 1_700_000_000_000
  return {
    bus: await openMessageBus(join(fresh(), 'bus.db'), { now: () => time }),
    async advance(ms: number) {
      time += ms
    },
  }
}

messageBusCompliance('SQLite', openBus)

messageBusCompliance('within one process', async () => {
  const { bus, advance } = await openBus()
  for (const queue of ['handover-7f3k/agents', 'handover-7f3k/coordinator', 'other-1a2b/agents']) {
    await bus.receive(queue, { max: 1, waitMs: 0, visibilityMs: 1 })
  }
  return { bus, advance }
})

objectStoreCompliance('files', () => openObjectStore(join(fresh(), 'objects'), { now: Date.now }))
