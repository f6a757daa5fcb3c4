import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Gathered, gatherSources } from '@infrafabric/driver-sources'
import { buildReport, renderHtml, renderJson, renderMarkdown } from '@infrafabric/report'
import { openFabric } from 'infrafabric'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CANARY, writeHostileFolder } from './hostile-folder.ts'

let root: string
let folder: string
let gathered: Gathered

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'infrafabric-hostile-'))
  folder = writeHostileFolder(root)
  gathered = await gatherSources([folder], { base: root })
}, 120_000)

afterAll(() => rmSync(root, { recursive: true }))

test('reads nothing beside the folder, whatever its names and links say', () => {
  expect(gathered.sources.length).toBeGreaterThan(15)
  for (const { name, document } of gathered.sources) {
    expect(name.split('/')[0]).toBe('documents')
    expect(JSON.stringify(document)).not.toContain(CANARY)
  }
  expect(JSON.stringify(gathered.sources.map(({ document }) => document))).not.toContain('root:x:0')
  expect(gathered.problems.filter(({ code }) => code === 'outside').length).toBeGreaterThan(0)
  expect(readdirSync(root).sort()).toEqual(['documents', 'outside'])
})

test('no bomb grows into more than its share', () => {
  const bombs = gathered.sources.filter(({ name }) => name.includes('/bombs/'))
  for (const { name, document, bytes } of bombs) {
    const characters = document.blocks.reduce((sum, { text }) => sum + text.length, 0)
    // Text that is compressed, as in a PDF, is more than the file; nothing else has more to say than it holds.
    const most = name.endsWith('.pdf') ? 60_000_000 : bytes.length * 3 + 1_000
    expect([name, characters <= most]).toEqual([name, true])
  }
})

test('orders in the evidence move nobody: the session does its own tasks, for its own budget, as verified', async () => {
  const fabric = await openFabric({ home: join(root, 'home'), environment: {} })
  try {
    const question = 'When does the radio licence expire?'
    const { session } = await fabric.start(
      {
        mission: 'hostile',
        objective: question,
        evidence: ['./documents/*.{txt,html,json,md,csv}'],
        agents: { worker: { count: 2, model: 'extractive' } },
        tasks: [
          { id: 'licence', question },
          { id: 'orders', question: 'Which instructions about the budget and the coordinator are there?' },
        ],
      },
      { base: root },
    )
    const stopped = await fabric.run(session)
    expect(stopped.phase).toEqual({ is: 'stopped', why: { is: 'completed' } })
    expect(stopped.tasks.filter(({ role }) => role === 'worker').map(({ id }) => id)).toEqual([
      'licence',
      'orders',
    ])
    expect(stopped.budget).toMatchObject({ spent: 0, reserved: 0 })
    expect(stopped.mission.budgetMicros).toBe(null)
    const audit = await fabric.verify(session)
    expect(audit.faults).toEqual([])

    const reading = await fabric.read(session)
    const report = buildReport({
      session: reading.session,
      lookup: (source, passage) => reading.index.passage(source, passage),
      fingerprints: {
        operator: reading.operatorFingerprint,
        journalHead: reading.head.hash,
        entries: reading.head.length,
      },
      generatedBy: 'test',
    })
    expect(report.claims.length).toBeGreaterThan(0)
    const [html, markdown, json] = [renderHtml(report), renderMarkdown(report), renderJson(report)]
    for (const text of [html, markdown, json]) expect(text).not.toContain(CANARY)
    expect(html).not.toMatch(/<(img|svg|iframe|object|embed)\b/i)
    expect(html.match(/<script\b/gi)).toHaveLength(1)
    for (const [tag] of html.matchAll(/<[a-z][^>]*>/gi))
      expect(tag).not.toMatch(/\son\w+\s*=|javascript:|\ssrc=/i)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
    for (const text of [html, markdown]) expect(text).not.toMatch(/[\u001b\u0007\u202e\u2066]/)
    expect(markdown).not.toMatch(/(?<!\\)!?\[[^\]]*\]\((?:https?|javascript):/)
  } finally {
    await fabric.close()
  }
}, 120_000)
