import type { JournalEntry } from '@infrafabric/ports'
import { canonicalize, chainHash, chainStart, type Json, type JsonObject } from '@infrafabric/protocol'
import { nodePrimitives } from '@infrafabric/runtime'
import { beforeAll, expect, test } from 'vitest'
import { evidenceSession } from '../testing/evidence-session.ts'
import { type Copied, journalOf, objectsOf } from '../testing/real-session.ts'
import { readEntry } from './read-entry.ts'
import { verifySession } from './verify-session.ts'

let good: Copied

beforeAll(async () => {
  good = await evidenceSession()
})

const JUNK: Json[] = [
  null,
  -1,
  1e300,
  0.5,
  Number.MAX_SAFE_INTEGER,
  '',
  'x',
  '__proto__',
  '\u001b[31m',
  [],
  {},
  [null],
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') as Json,
]

/** Every value of an entry, a few levels down, in place of which junk is put. */
function* variants(value: Json, levels: number): Generator<Json> {
  yield* JUNK
  if (levels === 0 || typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    for (const variant of variants(member, levels - 1)) {
      if (Array.isArray(value)) yield value.with(Number(name), variant)
      else yield { ...value, [name]: variant }
    }
    if (!Array.isArray(value)) {
      const { [name]: _, ...rest } = value as JsonObject
      yield rest
    }
  }
}

test('never throws, and never finds it right, when a value of an entry is replaced and all is chained anew', async () => {
  const { session, rows, objects } = good
  const audits = { tried: 0, right: 0 }
  for (const [at, row] of rows.entries()) {
    const original = JSON.parse(row.body) as Json
    let number = 0
    for (const variant of variants(original, row.body.includes('"opened"') ? 3 : 2)) {
      // One in three, so that it stays quick; which ones differs from entry to entry.
      if ((number++ + at) % 3 !== 0) continue
      const body = canonicalize(variant)
      if (body === row.body) continue
      let hash = chainStart(session, nodePrimitives)
      const forged: JournalEntry[] = rows.map(({ body: old, seq }) => {
        const text = seq === at ? body : old
        hash = chainHash(hash, text, nodePrimitives)
        return { seq, hash, body: text }
      })
      const audit = await verifySession({
        session,
        journal: journalOf(forged),
        objects: objectsOf(objects),
        primitives: nodePrimitives,
      })
      audits.tried++
      // The last entry is the checkpoint itself: without it a journal is merely not attested to the end.
      if (audit.ok && at !== rows.length - 1) audits.right++
      expect(audit.faults.every(({ detail }) => !detail.includes('\u001b'))).toBe(true)
    }
  }
  expect(audits.tried).toBeGreaterThan(300)
  expect(audits.right).toBe(0)
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
}, 120_000)

test('reports a journal that cannot be read further, and what was read before', async () => {
  const { session, rows, objects } = good
  async function* broken(): AsyncGenerator<JournalEntry> {
    yield* rows.slice(0, 3)
    throw new Error('disk on fire')
  }
  const audit = await verifySession({
    session,
    journal: broken(),
    objects: objectsOf(objects),
    primitives: nodePrimitives,
  })
  expect(audit.faults[0]).toMatchObject({ code: 'unreadable', where: 'entry 3' })
  expect(audit.counts.entries).toBe(3)
})

test.each([
  ['a mission with a million workers', { agents: { worker: { count: 1e6, concurrency: 1, model: 'x' } } }],
  ['tasks that need each other', { tasks: [{ id: 'a', question: 'q', needs: ['a'] }] }],
  ['tasks that need what is not there', { tasks: [{ id: 'a', question: 'q', needs: ['b'] }] }],
])('refuses %s', (_, change) => {
  const { rows } = good
  const opened = JSON.parse(rows[0]?.body ?? '') as JsonObject
  const mission = { ...(opened.mission as JsonObject), ...(change as JsonObject) }
  expect(readEntry(canonicalize({ ...opened, mission }))).toMatchObject({ ok: false, code: 'entry' })
})
