import type { Journal, JournalEntry, ObjectStore } from '@infrafabric/ports'
import { canonicalize, chainHash, chainStart, type Json, toBase64 } from '@infrafabric/protocol'
import { defaultMission, JOURNAL_FORMAT } from '@infrafabric/session'
import { expect, test } from 'vitest'
import { loadSession } from './load-session.ts'
import { nodePrimitives as primitives, signerFromSeed } from './node-primitives.ts'

const NAME = 'handover-7f3k'
const terms = { model: 'extractive', price: null, callsMax: 0, inputTokensMax: 0, outputTokensMax: 0 }
const opened = {
  kind: 'opened',
  v: JOURNAL_FORMAT,
  at: 1_764_000_000_000,
  session: NAME,
  mission: { ...defaultMission(), name: 'm', objective: 'o' },
  terms: { planner: terms, worker: terms, synthesizer: terms },
  synthesize: false,
  operatorKey: toBase64(signerFromSeed(new Uint8Array(32).fill(1)).publicKey),
  software: 'test',
}

/** Chained as whoever can write the journal would chain it. */
function load(...entries: unknown[]) {
  let hash = chainStart(NAME, primitives)
  const rows = entries.map((entry, seq): JournalEntry => {
    const body = typeof entry === 'string' ? entry : canonicalize(entry as Json)
    hash = chainHash(hash, body, primitives)
    return { seq, hash, body }
  })
  async function* read() {
    yield* rows
  }
  const ports = { journal: { read } as unknown as Journal, objects: {} as ObjectStore, primitives }
  return loadSession(NAME, ports, 'run')
}

test('loads a journal that has only been opened', async () => {
  expect((await load(opened)).head.length).toBe(1)
})

test('names the entry whose hash does not continue the chain, though its text is as good as another', async () => {
  const body = canonicalize(opened as unknown as Json)
  const hash = chainHash(
    chainStart(NAME, primitives),
    canonicalize({ ...opened, at: 1 } as unknown as Json),
    primitives,
  )
  async function* read() {
    yield { seq: 0, hash, body }
  }
  const ports = { journal: { read } as unknown as Journal, objects: {} as ObjectStore, primitives }
  await expect(loadSession(NAME, ports, 'run')).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('entry 0 is the first bad one'),
  })
})

// Found by npm run fuzz: each of these ended in a TypeError or a SyntaxError.
test.each<[string, unknown]>([
  ['is no JSON', '{'],
  ['is null', 'null'],
  ['is of no kind', { kind: 'sent0x1f', at: 1, message: '' }],
  ['has no grants', { kind: 'granted', at: 1 }],
  ['has no sources', { kind: 'evidence-added', at: 1, faults: [] }],
  ['has no message', { kind: 'received', at: 1 }],
  ['has a message that is not JSON', { kind: 'received', at: 1, message: '{' }],
])('names the entry that is chained and %s', async (_, entry) => {
  await expect(load(opened, entry)).rejects.toMatchObject({
    name: 'DriverError',
    code: 'corrupt',
    message: expect.stringContaining('entry 1 is the first bad one'),
  })
})

test.each<[string, unknown]>([
  ['has no mission', { ...opened, mission: null }],
  ['needs a task that is not there', withTask({ id: 'a', question: 'b', needs: ['c'] })],
  ['has an operator key that is none', { ...opened, operatorKey: 'AAAA' }],
])('names the opening that %s', async (_, entry) => {
  await expect(load(entry)).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('entry 0 is the first bad one'),
  })
})

function withTask(task: Json) {
  return { ...opened, mission: { ...opened.mission, tasks: [task] } }
}
