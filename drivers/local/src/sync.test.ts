import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished, type TestContext } from 'vitest'
import { openJournal } from './journal.ts'
import { temporaryHome } from './temporary-home.ts'

// kill -9 cannot show what power loss would take, so these look at the system calls themselves.
const syncs = 'fsync,fdatasync'

interface Traced {
  output: string[]
  /** System calls in order, with the paths of their file descriptors. */
  calls: string[]
}

function trace(context: TestContext, script: string, argument: string, options: string[] = []): Traced {
  const log = join(temporaryHome(onTestFinished), 'calls')
  const path = fileURLToPath(new URL(`children/${script}.ts`, import.meta.url))
  const flags = ['--follow-forks', '--decode-fds=path', '--signal=none', '--output', log]
  const wanted = ['--trace', `${syncs},write,link,linkat`]
  const run = spawnSync('strace', [...flags, ...wanted, ...options, process.execPath, path, argument], {
    encoding: 'utf8',
  })
  if (run.error !== undefined || run.stderr.includes('ptrace')) {
    return context.skip('strace is not installed or not permitted here, so nobody looks at the syncs')
  }
  // A call that another thread interrupts is split in two: what counts is where it ended.
  const begun = new Map<string, string>()
  const calls: string[] = []
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const [, thread = '', call = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    if (call.endsWith('<unfinished ...>')) begun.set(thread, call.replace('<unfinished ...>', ''))
    else if (call.startsWith('<...'))
      calls.push(begun.get(thread) + call.replace(/^<\.\.\. \w+ resumed>/, ''))
    else calls.push(call)
  }
  return { output: run.stdout.trim().split('\n'), calls }
}

const isSyncOf = (call: string, file: string) =>
  /^f(data)?sync\(/.test(call) && call.includes(`${file}>`) && call.endsWith('= 0')

it('syncs the log before each append is acknowledged', (context) => {
  const path = join(temporaryHome(onTestFinished), 'journal.db')
  const { calls, output } = trace(context, 'append-some', path)
  expect(output.filter((line) => line.startsWith('appended'))).toHaveLength(10)
  const said = calls.flatMap((call, index) =>
    /^write\(1<.*"(opened|appended \d+)\\n"/.test(call) ? [index] : [],
  )
  expect(said).toHaveLength(11)
  for (const [index, start] of said.slice(0, -1).entries()) {
    const between = calls.slice(start, said[index + 1])
    expect(between.filter((call) => isSyncOf(call, 'journal.db-wal')).length).toBeGreaterThan(0)
  }
  const opening = calls.slice(0, said[0])
  expect(opening.some((call) => isSyncOf(call, join(path, '..')))).toBe(true)
})

it('syncs an object before it has its name, and every folder on the way before it is acknowledged', (context) => {
  const root = join(temporaryHome(onTestFinished), 'objects')
  const { calls } = trace(context, 'put-one', root)
  const position = (matches: (call: string) => boolean) => calls.findLastIndex(matches)
  const stored = position((call) => call.startsWith('write(1<') && call.includes('stored'))
  const named = position((call) => call.startsWith('link') && call.includes('evidence/ab/key'))
  const synced = position((call) => /^f(data)?sync\(.*~unfinished\//.test(call))
  expect(synced).toBeGreaterThan(0)
  expect(named).toBeGreaterThan(synced)
  expect(stored).toBeGreaterThan(named)
  const nameSynced = position((call) => isSyncOf(call, join(root, 'evidence', 'ab')))
  expect(nameSynced).toBeGreaterThan(named)
  expect(nameSynced).toBeLessThan(stored)
  for (const folder of [root, join(root, 'evidence')]) {
    expect(calls.slice(0, stored).some((call) => isSyncOf(call, folder))).toBe(true)
  }
})

it('takes nothing more after a failed sync, until the journal is opened again', async (context) => {
  const path = join(temporaryHome(onTestFinished), 'journal.db')
  await (await openJournal(path, Date.now)).close()
  const failing = ['--trace-path', `${path}-wal`, '--inject', `${syncs}:error=EIO:when=4`]
  const { output } = trace(context, 'append-some', path, failing)
  const first = output.indexOf('unavailable')
  expect(first).toBeGreaterThan(1)
  expect(output.slice(first)).toEqual(output.slice(first).map(() => 'unavailable'))
  const appended = output.filter((line) => line.startsWith('appended')).length * 2

  const journal = await openJournal(path, Date.now)
  const length = await journal.length('s')
  // Whether the append whose sync failed is there, nobody promised.
  expect([appended, appended + 2]).toContain(length)
  await journal.append('s', [{ seq: length, hash: '0'.repeat(64), body: '{}' }])
  await journal.close()
})
