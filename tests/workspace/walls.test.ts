import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const biome = join(root, 'node_modules/.bin/biome')
let tree: string

/** Each file breaks or keeps the walls of the folder it lies in; biome is run once over all of them. */
const files = new Map<string, string>()
let faults: Fault[]

const walls = /noRestrictedImports|noRestrictedGlobals|noNodejsModules|noJsRestrictedProperties/

interface Fault {
  severity: string
  category: string
  location: { path: string; start: { line: number } }
}

const allowed: Record<string, string[]> = {
  'packages/protocol': [],
  'packages/evidence': ['protocol'],
  'packages/session': ['protocol', 'evidence'],
  'packages/ports': ['protocol', 'evidence', 'session'],
  'packages/costs': ['session'],
  'packages/runtime': ['protocol', 'evidence', 'session', 'ports'],
  'packages/report': ['protocol', 'evidence', 'session'],
  'packages/audit': ['protocol', 'evidence', 'session', 'ports'],
  'drivers/local': ['protocol', 'evidence', 'session', 'ports', 'costs'],
  'drivers/models': ['protocol', 'evidence', 'session', 'ports', 'costs'],
  'apps/cli': ['protocol', 'evidence', 'session', 'ports', 'costs', 'runtime', 'report', 'audit'],
}
const internal = [
  'protocol',
  'evidence',
  'session',
  'ports',
  'costs',
  'runtime',
  'report',
  'audit',
  'driver-local',
]
const pure = ['packages/protocol', 'packages/evidence', 'packages/session', 'packages/report']
const impurities = [
  "import 'node:fs'",
  "import 'path'",
  "export const lazy = () => import('node:crypto')",
  'export const value = Date.now()',
  'export const value = new Date(0)',
  'export const value = Math.random()',
  "export const value = Math['random']()",
  'export const { random } = Math',
  'export const value = performance.now()',
  'export const value = process.env',
  "export const value = Buffer.from('')",
  'export const value = crypto.randomUUID()',
  'export const value = globalThis.crypto',
  "export const value = fetch('https://example.org')",
  'setTimeout(String, 1)',
  'setInterval(String, 1)',
  'setImmediate(String)',
  'queueMicrotask(String)',
  "console.log('')",
  'export const value = new Intl.NumberFormat()',
  "export const value = 'a'.localeCompare('b')",
  'export const value = (1).toLocaleString()',
]

const importOf = (name: string) => `export type * from '@infrafabric/${name}'\n`

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'infrafabric-walls-'))
  await copyFile(join(root, 'biome.json'), join(tree, 'biome.json'))
  for (const [folder, names] of Object.entries(allowed)) {
    for (const name of internal) {
      const kind = names.includes(name) ? 'may' : 'must-not'
      files.set(`${folder}/src/${kind}-import-${name}.ts`, importOf(name))
    }
    files.set(
      `${folder}/src/deep/must-not-reach.ts`,
      "export * from '../../../../packages/audit/src/index.ts'\n",
    )
    files.set(
      `${folder}/src/must-not-load.ts`,
      `export const load = () => import('@infrafabric/driver-sources')\n`,
    )
    files.set(`${folder}/src/must-not-test.ts`, "export { test } from 'vitest'\n")
    files.set(`${folder}/src/may-test.test.ts`, "export { test } from 'vitest'\n")
  }
  files.set('apps/cli/src/compose.ts', importOf('driver-local'))
  files.set('packages/ports/src/compliance/journal.ts', "export { test } from 'vitest'\n")
  for (const folder of pure) files.set(`${folder}/src/impure.ts`, `${impurities.join('\n')}\n`)
  files.set('drivers/local/src/impure.ts', `${impurities.join('\n')}\n`)
  for (const [path, text] of files) {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await writeFile(join(tree, path), text)
  }
  faults = await lint(tree)
})
afterAll(() => rm(tree, { recursive: true, force: true }))

test('every import against the direction is an error, every other import is none', () => {
  const reported = new Set(
    faults
      .filter((fault) => fault.category.endsWith('noRestrictedImports'))
      .map((fault) => fault.location.path),
  )
  const expected = [...files.keys()].filter((path) => path.includes('/must-not-'))
  expect([...reported].sort()).toEqual(expected.sort())
})

test.each(pure)('every clock, random number and I/O in %s is an error', (folder) => {
  const lines = new Set(
    faults
      .filter((fault) => fault.location.path === `${folder}/src/impure.ts`)
      .map((fault) => fault.location.start.line),
  )
  expect(impurities.filter((_, index) => !lines.has(index + 1))).toEqual([])
})

test('a driver may read the clock', () => {
  expect(faults.filter((fault) => fault.location.path === 'drivers/local/src/impure.ts')).toEqual([])
})

/** What the walls' own rules report on a tree. */
async function lint(folder: string): Promise<Fault[]> {
  const report = await new Promise<string>((resolve, reject) => {
    execFile(
      biome,
      ['lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', '.'],
      { cwd: folder, maxBuffer: 64 * 1024 * 1024 },
      // It exits with 1, as it should: the tree is full of faults.
      (error, stdout) => (stdout ? resolve(stdout) : reject(error)),
    )
  })
  const { diagnostics } = JSON.parse(report) as { diagnostics: Fault[] }
  return diagnostics.filter(({ severity, category }) => severity === 'error' && walls.test(category))
}
