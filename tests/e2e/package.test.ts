import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
// The Node.js that runs the tests also runs the installed command, whatever the machine's own is.
const env = {
  ...process.env,
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  NO_COLOR: '1',
}
const megabyte = 1024 * 1024

let folder: string
let tarball: string
let installed: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infrafabric-package-'))
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: join(root, 'apps/cli'),
    env,
  })
  tarball = join(folder, JSON.parse(packed.stdout)[0].filename)
  const consumer = join(folder, 'consumer')
  await mkdir(consumer)
  await writeFile(join(consumer, 'package.json'), '{ "private": true, "type": "module" }\n')
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], {
    cwd: consumer,
    env,
  })
  installed = join(consumer, 'node_modules/infrafabric')
}, 300_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the tarball is under 2 MB', async () => {
  expect((await stat(tarball)).size).toBeLessThan(2 * megabyte)
})

test('the package holds the command, the library, its types, a README and the licence, and nothing else', async () => {
  const files = await filesOf(installed)
  expect(files).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'bin/infrafabric.js',
      'dist/index.js',
      'dist/main.js',
      'dist/types/apps/cli/src/index.d.ts',
    ]),
  )
  const expected = /^(LICENSE|README\.md|package\.json|bin\/infrafabric\.js|dist\/.+\.(js|d\.ts))$/
  expect(files.filter((path) => !expected.test(path) || /\.test\.|\.map$/.test(path))).toEqual([])
})

test('no file names a folder of the machine that built it, or one of our private packages', async () => {
  const told = []
  for (const path of await filesOf(installed)) {
    if (path === 'package.json') continue
    const text = await readFile(join(installed, path), 'utf8')
    if (text.includes(root) || /(from|import\() ?['"]@infrafabric\//.test(text)) told.push(path)
  }
  expect(told).toEqual([])
})

test('npx infrafabric --version answers with the version', async () => {
  const { stdout } = await run('npx', ['--no-install', 'infrafabric', '--version'], {
    cwd: dirname(dirname(installed)),
    env,
  })
  const { version } = JSON.parse(await readFile(join(root, 'apps/cli/package.json'), 'utf8'))
  expect(stdout.trim()).toBe(version)
})

test('npx infrafabric ask answers from a folder, and its report is there', async () => {
  const consumer = dirname(dirname(installed))
  const documents = join(consumer, 'documents')
  await mkdir(documents)
  await writeFile(join(documents, 'raft.txt'), 'The life raft must be serviced before 14 March 2027.\n')
  await writeFile(
    join(documents, 'notes.md'),
    '# Safety\n\nService of the life raft is due before 14 March 2027.\n',
  )
  const { stdout } = await run(
    'npx',
    ['--no-install', 'infrafabric', 'ask', 'When must the life raft be serviced?', '--evidence', documents],
    { cwd: consumer, env: { ...env, INFRAFABRIC_NO_PROBE: '1' } },
  )
  expect(stdout).toMatch(/1 verified/)
  const reports = join(consumer, '.infrafabric/reports')
  const [session = ''] = await readdir(reports)
  expect(await readFile(join(reports, session, 'report.md'), 'utf8')).toContain('14 March 2027')
})

test('a strict TypeScript program finds the types of everything that infrafabric exports', async () => {
  const consumer = dirname(dirname(installed))
  await writeFile(
    join(consumer, 'consumer.ts'),
    [
      "import { type Fabric, openFabric } from 'infrafabric'",
      'export const fabric: Promise<Fabric> = openFabric({ readOnly: true })',
      "export const session = fabric.then((opened) => opened.start({ mission: 'm', objective: 'o', evidence: 'e' }, { base: '.' }))",
    ].join('\n'),
  )
  const flags =
    '--noEmit --strict --module nodenext --target es2024 --lib es2024,dom --skipLibCheck false'.split(' ')
  const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')]
  // Without skipLibCheck the declarations are checked too; only ours are our fault.
  const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), [...flags, ...types, 'consumer.ts'], {
    cwd: consumer,
    env,
  }).catch((error) => error)
  const ours = String(stdout)
    .split('\n')
    .filter((line) => /^(consumer\.ts|node_modules\/infrafabric\/)/.test(line))
  expect(ours).toEqual([])
})

/** Paths of all files below a folder, with forward slashes, sorted. */
async function filesOf(parent: string): Promise<string[]> {
  const entries = await readdir(parent, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(parent.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => !path.startsWith('node_modules/'))
    .sort()
}
