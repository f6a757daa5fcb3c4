import type { Journal, ObjectStore } from '@infrafabric/ports'
import { chainStart, type Primitives, type Signer, toBase64 } from '@infrafabric/protocol'
import {
  type Entry,
  JOURNAL_FORMAT,
  type Mission,
  type Role,
  type SourceFault,
  type SourceRecord,
  type Terms,
} from '@infrafabric/session'
import { type GatheredSource, storeSource } from './evidence-store.ts'
import { JournalWriter } from './journal-writer.ts'

/** Sources recorded in one journal entry: keeps entries far below what any journal refuses. */
const SOURCES_PER_ENTRY = 200
/** Sources stored at the same time. */
const STORES_AT_ONCE = 16

export interface NewSession {
  session: string
  mission: Mission
  terms: Record<Role, Terms>
  synthesize: boolean
  sources: readonly GatheredSource[]
  faults: readonly SourceFault[]
  operator: Signer
  /** Name and version of the program, for whoever reads the journal. */
  software: string
  at: number
}

/** Stores the evidence, then writes the opening of the journal. Nothing is assigned yet. */
export async function startSession(
  opening: NewSession,
  ports: { journal: Journal; objects: ObjectStore; primitives: Primitives },
): Promise<void> {
  const { session, mission, terms, synthesize, operator, software, at } = opening
  const records = await storeAll(opening.sources, ports)
  const entries: Entry[] = [
    {
      kind: 'opened',
      v: JOURNAL_FORMAT,
      at,
      session,
      mission,
      terms,
      synthesize,
      operatorKey: toBase64(operator.publicKey),
      software,
    },
  ]
  for (let from = 0; from < records.length; from += SOURCES_PER_ENTRY) {
    entries.push({
      kind: 'evidence-added',
      at,
      sources: records.slice(from, from + SOURCES_PER_ENTRY),
      faults: [],
    })
  }
  for (let from = 0; from < opening.faults.length; from += SOURCES_PER_ENTRY) {
    const faults = opening.faults.slice(from, from + SOURCES_PER_ENTRY)
    entries.push({ kind: 'evidence-added', at, sources: [], faults })
  }
  const head = { length: 0, hash: chainStart(session, ports.primitives) }
  await new JournalWriter(ports.journal, session, head, ports.primitives).append(entries)
}

async function storeAll(
  sources: readonly GatheredSource[],
  ports: { objects: ObjectStore; primitives: Primitives },
): Promise<SourceRecord[]> {
  const records: SourceRecord[] = new Array(sources.length)
  let next = 0
  async function storeNext(): Promise<void> {
    for (let i = next++; i < sources.length; i = next++) {
      records[i] = await storeSource(sources[i] as GatheredSource, ports.objects, ports.primitives)
    }
  }
  await Promise.all(Array.from({ length: STORES_AT_ONCE }, storeNext))
  return records
}
