// Everything that must hold, in order, up to the first stage that fails. The last line is always the count.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tools = join(root, 'node_modules', '.bin')
runOnSupportedNode()

const environment = {
  ...process.env,
  PATH: [dirname(process.execPath), tools, process.env.PATH].join(delimiter),
  NO_COLOR: process.stdout.isTTY ? process.env.NO_COLOR : '1',
}
/** @type {[name: string, command: string[]][]} */
const checks = [
  ['format, lint and walls', ['biome', 'check', '--error-on-warnings', '--max-diagnostics=100', '.']],
  ['types', ['tsc', '--noEmit']],
  ['build', ['node', 'scripts/build.mjs']],
  ['build of declarations', ['node', 'scripts/build-types.mjs']],
  ['unused files and dependencies', ['knip', '--no-progress', '--no-config-hints']],
  ['package', ['publint', 'run', 'apps/cli', '--pack=false', '--strict']],
]

process.stdout.write(`Node.js ${process.versions.node}\n`)
const failed = checks.find(([name, command]) => !passes(name, command))
if (failed) {
  process.stderr.write(
    `\n"${failed[0]}" failed, so nothing after it ran. Again: npx ${failed[1].join(' ')}\n`,
  )
  finish({ passed: 0, failed: 1, skipped: [] })
} else {
  finish(runTests())
}

/**
 * Runs a check and shows what it said only if it failed.
 * @param {string} name
 * @param {string[]} command
 */
function passes(name, [program = '', ...args]) {
  const started = performance.now()
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: root,
    env: environment,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`${status === 0 ? 'ok  ' : 'FAIL'}  ${name} (${seconds} s)\n`)
  if (status !== 0) process.stdout.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}`)
  return status === 0
}

/** @returns {import('./count-reporter.mjs').Count} */
function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'infrafabric-test-'))
  const countFile = join(folder, 'count.json')
  const { status } = spawnSync(
    'vitest',
    [
      'run',
      '--reporter=minimal',
      `--reporter=${join(root, 'scripts/count-reporter.mjs')}`,
      ...process.argv.slice(2),
    ],
    { cwd: root, env: { ...environment, TEST_COUNT_FILE: countFile }, stdio: 'inherit' },
  )
  /** @type {import('./count-reporter.mjs').Count} */
  const count = existsSync(countFile)
    ? JSON.parse(readFileSync(countFile, 'utf8'))
    : { passed: 0, failed: 0, skipped: [] }
  rmSync(folder, { recursive: true })
  // vitest can fail without a failing test: no test file found, a crash before the report.
  return status !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count
}

/** @param {import('./count-reporter.mjs').Count} count */
function finish({ passed, failed, skipped }) {
  for (const { name, reason } of skipped) process.stdout.write(`skipped: ${name} (${reason})\n`)
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`)
  process.exitCode = failed === 0 ? 0 : 1
}

/**
 * `npm test` puts the workspace's Node.js first, a bare `node scripts/test.mjs` does not: start again with it.
 * TEST_NODE names another one, so that CI can run on each version we support.
 */
function runOnSupportedNode() {
  const chosen = process.env.TEST_NODE ?? join(tools, 'node')
  if (existsSync(chosen) && realpathSync(chosen) !== realpathSync(process.execPath)) {
    const { status } = spawnSync(chosen, process.argv.slice(1), { stdio: 'inherit' })
    process.exit(status ?? 1)
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 12)) {
    process.stderr.write(
      `The tests need Node.js 22.12 or newer; this is ${process.versions.node}. Run npm ci first: on Linux x64 it brings one.\n`,
    )
    process.stdout.write('0 passed, 1 failed, 0 skipped\n')
    process.exit(1)
  }
}
