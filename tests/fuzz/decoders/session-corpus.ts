import { exportSession } from '@infrafabric/audit'
import type { JournalEntry, ObjectStore } from '@infrafabric/ports'
import { DriverError } from '@infrafabric/ports'
import { importSigner, type NodeSigner, nodePrimitives } from '@infrafabric/runtime'
import { evidenceSession } from '../../../packages/audit/testing/evidence-session.ts'

/** A session that the real runtime ran: two epochs, a failed attempt, a claim check. */
export interface SessionCorpus {
  session: string
  operator: NodeSigner
  rows: JournalEntry[]
  objects: ReadonlyMap<string, Uint8Array>
  /** For a replay: keys and times are new in every run. */
  saved: string
}

interface Saved {
  session: string
  operator: string
  rows: JournalEntry[]
  objects: [key: string, base64: string][]
}

export async function openCorpus(saved?: string): Promise<SessionCorpus> {
  if (saved !== undefined) {
    const { session, operator, rows, objects } = JSON.parse(saved) as Saved
    return {
      session,
      operator: importSigner(operator),
      rows,
      objects: new Map(objects.map(([key, base64]) => [key, Buffer.from(base64, 'base64')])),
      saved,
    }
  }
  const { session, operator, rows, objects } = await evidenceSession()
  const all = [...objects].map(([key, bytes]): [string, string] => [
    key,
    Buffer.from(bytes).toString('base64'),
  ])
  const text: Saved = { session, operator: operator.exportPkcs8(), rows, objects: all }
  return { session, operator, rows, objects, saved: JSON.stringify(text) }
}

export async function* journalOf(rows: readonly JournalEntry[]): AsyncGenerator<JournalEntry> {
  yield* rows
}

export function objectsOf(objects: ReadonlyMap<string, Uint8Array>): Pick<ObjectStore, 'get' | 'has'> {
  return {
    async get(key) {
      const bytes = objects.get(key)
      if (bytes === undefined) throw new DriverError('not-found', 'get', key)
      return bytes
    },
    has: async (key) => objects.has(key),
  }
}

/** The exported file of a session, signed by its operator. */
export async function exportOf(corpus: Omit<SessionCorpus, 'saved'>): Promise<Buffer> {
  const { session, operator, rows, objects } = corpus
  const { chunks } = await exportSession({
    session,
    journal: { read: () => journalOf(rows) },
    objects: objectsOf(objects),
    primitives: nodePrimitives,
    operator,
    reports: { 'report.md': Buffer.from('# Report\n') },
  })
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}
