import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalPlatform, openLocalPlatform } from '@infrafabric/driver-local'
import { createEvidenceIndex, type Document } from '@infrafabric/evidence'
import { evidenceKey, type JournalEntry, type LanguageModel, type ObjectStore } from '@infrafabric/ports'
import { type Sha256, sha256Hex, utf8 } from '@infrafabric/protocol'
import { buildReport, renderJson } from '@infrafabric/report'
import {
  type AgentFunction,
  AgentHost,
  coordinate,
  functionAgent,
  generateSigner,
  loadDocuments,
  loadSession,
  type NodeSigner,
  nodePrimitives,
  raiseLimits,
  startSession,
  systemClock,
} from '@infrafabric/runtime'
import { defaultMission, type Mission, type ModelPrice, type Terms } from '@infrafabric/session'
import type { ReadDocument } from '../src/evidence-check.ts'

const primitives = nodePrimitives

export const PRICE: ModelPrice = {
  model: 'loopback/small',
  input: 1_000_000,
  cacheRead: 100_000,
  cacheWrite: 1_250_000,
  output: 5_000_000,
  source: 'test',
}

export interface SessionOptions {
  name?: string
  operator?: NodeSigner
  worker: AgentFunction
  synthesizer?: AgentFunction
  tasks?: Mission['tasks']
  workers?: number
  /** Text by name of source. */
  evidence?: Record<string, string>
  /** Priced terms; agents may then call `tools.complete`. */
  model?: LanguageModel
  budgetMicros?: number
  /** The first coordinator dies after so many results, and a second one takes over. */
  diesAfter?: number
  /** The operator gives the stopped session this much in all, and it goes on. */
  raisedMicros?: number
}

/** A journal and objects as they would lie on another machine. */
export interface Copied {
  session: string
  operator: NodeSigner
  fingerprint: Sha256
  rows: JournalEntry[]
  objects: Map<string, Uint8Array>
  report: string
}

export function textDocument(name: string, text: string): Document {
  return {
    source: sha256Hex(utf8(text), primitives),
    name,
    mediaType: 'text/plain',
    reader: 'lines/1',
    blocks: text.split('\n').map((line, at) => ({ kind: 'text', text: line, place: { line: at + 1 } })),
  }
}

export const readLines: ReadDocument = async (source, bytes) =>
  textDocument(source.name, new TextDecoder().decode(bytes))

/** Runs a session with the real runtime, bus and journal, and copies what it left. */
export async function realSession(options: SessionOptions): Promise<Copied> {
  const home = mkdtempSync(join(tmpdir(), 'infrafabric-audit-'))
  const platform = await openLocalPlatform({ home })
  try {
    return await runIn(platform, options)
  } finally {
    await platform.close()
    rmSync(home, { recursive: true, force: true })
  }
}

async function runIn(platform: LocalPlatform, options: SessionOptions): Promise<Copied> {
  const session = options.name ?? 'audited-1'
  const operator = options.operator ?? generateSigner()
  const defaults = defaultMission()
  const mission: Mission = {
    ...defaults,
    name: 'audited',
    objective: 'What is due?',
    agents: {
      ...defaults.agents,
      worker: { count: options.workers ?? 2, concurrency: 1, model: 'function' },
    },
    budgetMicros: options.budgetMicros ?? null,
    tasks: options.tasks ?? [
      { id: 'engines', question: 'Which engine work is due?', needs: [] },
      { id: 'costs', question: 'What does it cost?', needs: ['engines'] },
    ],
  }
  const free: Terms = { model: 'function', price: null, callsMax: 0, inputTokensMax: 0, outputTokensMax: 0 }
  const paid: Terms = {
    model: PRICE.model,
    price: PRICE,
    callsMax: 2,
    inputTokensMax: 2_000,
    outputTokensMax: 200,
  }
  const terms = options.model === undefined ? free : paid
  const texts = Object.entries(options.evidence ?? {})
  await startSession(
    {
      session,
      mission,
      terms: { planner: free, worker: terms, synthesizer: free },
      synthesize: options.synthesizer !== undefined,
      sources: texts.map(([name, text]) => {
        const document = textDocument(name, text)
        const { source: sha256, mediaType } = document
        return { name, uri: name, bytes: utf8(text), sha256, mediaType, document, accessedAt: null }
      }),
      faults: [{ name: 'locked.pdf', code: 'encrypted', detail: 'locked.pdf is encrypted.' }],
      operator,
      software: 'infrafabric 0.1.0',
      at: systemClock.now(),
    },
    { journal: platform.journal, objects: platform.objects, primitives },
  )
  if (options.diesAfter !== undefined) {
    await runEpoch(platform, session, operator, options, options.diesAfter).catch((error) => {
      if (!(error instanceof Death)) throw error
    })
  }
  await runEpoch(platform, session, operator, options, Number.POSITIVE_INFINITY)
  if (options.raisedMicros !== undefined) {
    const ports = { journal: platform.journal, objects: platform.objects, primitives }
    const loaded = await loadSession(session, ports, 'run')
    await raiseLimits(
      loaded,
      { budgetMicros: options.raisedMicros, deadlineMs: 60_000 },
      ports,
      systemClock.now(),
    )
    await runEpoch(platform, session, operator, options, Number.POSITIVE_INFINITY)
  }
  const rows: JournalEntry[] = []
  for await (const row of platform.journal.read(session)) rows.push(row)
  const objects = new Map<string, Uint8Array>()
  for await (const key of platform.objects.list('evidence/'))
    objects.set(key, await platform.objects.get(key))
  const fingerprint = sha256Hex(operator.publicKey, primitives)
  const report = await reportIn(platform, session, fingerprint)
  return { session, operator, fingerprint, rows, objects, report }
}

/** The report that the program would put into an export. */
async function reportIn(platform: LocalPlatform, name: string, operator: Sha256): Promise<string> {
  const ports = { journal: platform.journal, objects: platform.objects, primitives }
  const { session, head } = await loadSession(name, ports, 'read')
  const index = createEvidenceIndex(await loadDocuments(session.sources, platform.objects, primitives))
  const report = buildReport({
    session,
    lookup: (source, passage) => index.passage(source, passage),
    fingerprints: { operator, journalHead: head.hash, entries: head.length },
    generatedBy: 'infrafabric 0.1.0',
  })
  return renderJson(report)
}

class Death extends Error {}

async function runEpoch(
  platform: LocalPlatform,
  name: string,
  operator: NodeSigner,
  options: SessionOptions,
  resultsMax: number,
): Promise<void> {
  const ports = {
    ...platform,
    journal: platform.journal,
    bus: platform.bus,
    objects: platform.objects,
    clock: systemClock,
    primitives,
  }
  const loaded = await loadSession(name, ports, 'run')
  const { session, operatorKey } = loaded
  const broken = Promise.withResolvers<never>()
  const idle = functionAgent('function', () => 'nothing')
  const host = new AgentHost(
    {
      session: name,
      mission: session.mission,
      terms: session.terms,
      operatorKey,
      programs: {
        planner: { runtime: idle, model: null },
        worker: { runtime: functionAgent('function', options.worker), model: options.model ?? null },
        synthesizer: {
          runtime: options.synthesizer === undefined ? idle : functionAgent('function', options.synthesizer),
          model: null,
        },
      },
      async evidence() {
        const documents = await loadDocuments(session.sources, platform.objects, primitives)
        return { index: createEvidenceIndex(documents), documents }
      },
      newSigner: generateSigner,
      onError: broken.reject,
    },
    ports,
  )
  let results = 0
  try {
    const coordination = coordinate(loaded, ports, {
      operator,
      signer: generateSigner(),
      agents: host.keys,
      onEpoch: (grants, epoch) => host.start(grants, epoch),
      onNotice(notice) {
        if (notice.kind === 'finished' && ++results >= resultsMax) throw new Death()
      },
    })
    await Promise.race([coordination, broken.promise])
  } finally {
    await host.stop()
  }
}

export async function* journalOf(rows: readonly JournalEntry[]): AsyncGenerator<JournalEntry> {
  yield* rows
}

export function objectsOf(objects: ReadonlyMap<string, Uint8Array>): Pick<ObjectStore, 'get' | 'has'> {
  return {
    async get(key) {
      const bytes = objects.get(key)
      if (bytes === undefined) throw new Error('not there')
      return bytes
    },
    has: async (key) => objects.has(key),
  }
}

export function keyOf(text: string): string {
  return evidenceKey(sha256Hex(utf8(text), primitives))
}
