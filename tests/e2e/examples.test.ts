import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const COMMAND = join(ROOT, 'apps/cli/bin/infrafabric.js')
const environment = (home: string) => ({
  PATH: process.env.PATH,
  INFRAFABRIC_HOME: home,
  INFRAFABRIC_NO_PROBE: '1',
})

let home: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'infrafabric-examples-'))
})

afterAll(() => rm(home, { recursive: true }))

/** The part of `report.json` that these tests look at. */
interface ReportJson {
  questions: { task: string; state: string; claims: string[]; alsoStates: string[] }[]
  claims: ClaimJson[]
}

interface ClaimJson {
  id: string
  status: string
  supports: QuoteJson[]
  contradicts: QuoteJson[]
}

interface QuoteJson {
  name: string
  text: string
}

interface Expected {
  verified: ExpectedFact[]
  disputed: ExpectedFact[]
  unanswered: string[]
}

interface ExpectedFact {
  subject: string
  values: string[]
  sources: string[]
}

async function reportOf(args: string[]): Promise<ReportJson> {
  const { stdout } = await run(process.execPath, [COMMAND, ...args, '--json'], {
    cwd: ROOT,
    env: environment(home),
    maxBuffer: 64 * 1024 * 1024,
  })
  const session = /"session":"([^"]+)"/.exec(stdout)?.[1]
  if (session === undefined) throw new Error(`no session in ${stdout.slice(0, 500)}`)
  return JSON.parse(await readFile(join(home, 'reports', session, 'report.json'), 'utf8')) as ReportJson
}

it('counts words with agents that are plain functions', async () => {
  const script = join(ROOT, 'examples/functions/word-count.ts')
  const { stdout } = await run(process.execPath, [script], { env: environment(home) })
  expect(stdout.trim()).toMatch(/^\{ words: \d{3,} \}$/)
})

it('answers about the licences of installed packages, documents that nobody here wrote', async () => {
  const question = 'Under which licence is the yaml package released?'
  const report = await reportOf([
    'ask',
    question,
    '--evidence',
    'node_modules/*/{LICENSE,README}*',
    '--evidence',
    'node_modules/*/package.json',
  ])
  const quotes = report.claims.flatMap(({ supports }) => supports)
  expect(quotes.some(({ name, text }) => name.startsWith('node_modules/yaml/') && /\bISC\b/.test(text))).toBe(
    true,
  )
})

it('shows the facts of NaviDocs for what they are: confirmed, disputed, or without evidence', async () => {
  const report = await reportOf(['run', 'examples/navidocs/mission.yaml'])
  const expected = JSON.parse(
    await readFile(join(ROOT, 'examples/navidocs/expected.json'), 'utf8'),
  ) as Expected
  const unanswered = report.questions.filter(({ state }) => state !== 'answered').map(({ task }) => task)
  expect(unanswered).toEqual(expected.unanswered)
  for (const { subject, values, sources } of expected.disputed) {
    const found = report.claims.some((claim) => {
      const quotes = [...claim.supports, ...claim.contradicts]
      return (
        claim.status === 'disputed' &&
        sources.every((name) => quotes.some((quote) => quote.name === name)) &&
        values.every((value) => quotes.some((quote) => flat(quote.text).includes(value)))
      )
    })
    expect(found, subject).toBe(true)
  }
  const confirmed = expected.verified.filter(({ values, sources }) =>
    report.claims.some(
      (claim) =>
        claim.status === 'verified' &&
        claim.supports.filter(
          ({ name, text }) => sources.includes(name) && values.some((value) => flat(text).includes(value)),
        ).length >= 2,
    ),
  )
  // Which of many true facts a digest picks is a matter of ranking; most of the confirmed ones must be there.
  expect(confirmed.length).toBeGreaterThanOrEqual(0.7 * expected.verified.length)
})

function flat(text: string): string {
  return text.replace(/\s+/g, ' ')
}
