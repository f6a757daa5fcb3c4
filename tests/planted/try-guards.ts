import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Guard } from './guards.ts'
import { Tree } from './tree.ts'

export interface Tried {
  guard: Guard
  /** Titles of the tests that failed without it. */
  failed: string[]
  /** Why it does not count as caught, though something failed. */
  fault: string | null
  tookMs: number
}

interface Outcome {
  failed: string[]
  passed: number
  /** Files that did not load: a guard is not caught by a syntax error. */
  broken: string[]
}

/** Takes each guard out of a copy of the sources and runs the tests that have to notice. */
export async function tryGuards(
  guards: readonly Guard[],
  lanes: number,
  onTried: (tried: Tried) => void,
): Promise<Tried[]> {
  const trees = Array.from({ length: lanes }, () => Tree.copy())
  try {
    await requireSound(trees[0] as Tree, guards)
    const tried: Tried[] = []
    let next = 0
    await Promise.all(
      trees.map(async (tree) => {
        for (let guard = guards[next++]; guard !== undefined; guard = guards[next++]) {
          const one = await tryOne(tree, guard)
          tried.push(one)
          onTried(one)
        }
      }),
    )
    return tried.toSorted((a, b) => guards.indexOf(a.guard) - guards.indexOf(b.guard))
  } finally {
    for (const tree of trees) tree.remove()
  }
}

/** With every guard in place all tests pass: else a failure would prove nothing. And every change must apply. */
async function requireSound(tree: Tree, guards: readonly Guard[]): Promise<void> {
  const missing: string[] = []
  for (const guard of guards) {
    for (const file of guard.tests)
      if (!existsSync(join(tree.root, file))) missing.push(`${guard.name}: no ${file}`)
    try {
      tree.plant(guard.patches)
    } catch (error) {
      missing.push(`${guard.name}: ${error instanceof Error ? error.message : error}`)
    }
    tree.restore()
  }
  if (missing.length > 0) throw new Error(`changes that no longer apply:\n${missing.join('\n')}`)
  const { failed, broken } = await runTests(tree, [...new Set(guards.flatMap((guard) => guard.tests))])
  if (failed.length + broken.length > 0) {
    throw new Error(`tests fail with every guard in place:\n${[...failed, ...broken].join('\n')}`)
  }
}

async function tryOne(tree: Tree, guard: Guard): Promise<Tried> {
  const started = performance.now()
  tree.plant(guard.patches)
  try {
    const { failed, passed, broken } = await runTests(tree, guard.tests)
    let fault: string | null = null
    if (failed.length === 0)
      fault = broken.length > 0 ? `does not load: ${broken.join(', ')}` : 'no test noticed'
    else if (broken.length > 0 && passed === 0) fault = `does not load: ${broken.join(', ')}`
    return { guard, failed, fault, tookMs: performance.now() - started }
  } finally {
    tree.restore()
  }
}

function runTests(tree: Tree, files: readonly string[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'infrafabric-planted-'))
  const output = join(folder, 'report.json')
  const vitest = join(tree.root, 'node_modules/vitest/vitest.mjs')
  const args = ['run', ...files, '--reporter=json', `--outputFile=${output}`, '--maxWorkers=1']
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vitest, ...args], {
      cwd: tree.root,
      // A test that waits for what no longer comes is a failed one.
      env: { ...process.env, CI: '1' },
      stdio: 'ignore',
    })
    child.on('error', reject)
    child.on('close', () => {
      try {
        resolve(outcomeOf(readFileSync(output, 'utf8'), tree.root))
      } catch (error) {
        reject(new Error(`vitest wrote no report for ${files.join(', ')}`, { cause: error }))
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
  })
}

interface Report {
  testResults: {
    name: string
    status: string
    assertionResults: { fullName: string; status: string }[]
  }[]
}

function outcomeOf(text: string, root: string): Outcome {
  const { testResults } = JSON.parse(text) as Report
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  return {
    failed: tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
    passed: tests.filter(({ status }) => status === 'passed').length,
    broken: testResults
      .filter(
        ({ status, assertionResults }) =>
          status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
      )
      .map(({ name }) => name.replace(`${root}/`, '')),
  }
}
