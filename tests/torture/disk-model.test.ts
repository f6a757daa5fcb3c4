import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { DiskModel } from './disk-model.ts'
import { compilePowerLibrary } from './power-library.ts'
import { randomOf } from './random.ts'

/** Runs a script that changes files below `process.env.POWER_HOME`, and gives the model of its disk. */
function recorded(script: string, cut: string): { home: string; model: DiskModel } | string {
  const folder = mkdtempSync(join(tmpdir(), 'infrafabric-disk-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const compiled = compilePowerLibrary(folder)
  if ('missing' in compiled) return compiled.missing
  const home = join(folder, 'home')
  mkdirSync(home)
  writeFileSync(join(home, 'old'), 'old')
  const model = DiskModel.of(home)
  const record = join(folder, 'record')
  const env = { LD_PRELOAD: compiled.path, POWER_HOME: home, POWER_RECORD: record, POWER_CUT: cut }
  const { status, signal, stderr } = spawnSync(process.execPath, ['-e', script], { env, encoding: 'utf8' })
  if (status !== 0 && signal !== 'SIGKILL') throw new Error(stderr)
  model.replay(readFileSync(record))
  expect(model.difference()).toBeNull()
  return { home, model }
}

const SCRIPT = `
const { openSync, writeSync, fsyncSync, linkSync, unlinkSync, closeSync } = require('node:fs')
const home = process.env.POWER_HOME
const folder = openSync(home, 'r')
const kept = openSync(home + '/kept', 'w'); writeSync(kept, 'kept'); fsyncSync(kept); fsyncSync(folder); writeSync(kept, ' not')
const nameless = openSync(home + '/nameless', 'w'); writeSync(nameless, 'bytes'); fsyncSync(nameless); closeSync(nameless)
linkSync(home + '/old', home + '/second')
unlinkSync(home + '/old')
`

it('keeps what was synced, bytes by their file and names by their folder, and nothing else at the worst', (context) => {
  const run = recorded(SCRIPT, '0')
  if (typeof run === 'string') return context.skip(run)
  expect(existsSync(join(run.home, 'old'))).toBe(false)
  const losses = run.model.losePower(() => 0)
  expect(readFileSync(join(run.home, 'kept'), 'utf8')).toBe('kept')
  expect(existsSync(join(run.home, 'nameless'))).toBe(false)
  expect(readFileSync(join(run.home, 'old'), 'utf8')).toBe('old')
  expect(losses).toMatchObject({ writesLost: 1, namesLost: 3, writesKept: 0, namesKept: 0 })
})

it('may keep some of what was not synced', (context) => {
  const run = recorded(SCRIPT, '0')
  if (typeof run === 'string') return context.skip(run)
  const contents = new Set<string>()
  for (let seed = 0; seed < 30; seed++) {
    run.model.losePower(randomOf(seed))
    contents.add(readFileSync(join(run.home, 'kept'), 'utf8'))
  }
  expect(contents).toContain('kept')
  expect(contents).toContain('kept not')
})

it('ends the process right after the change that is named', (context) => {
  const run = recorded(SCRIPT, '3')
  if (typeof run === 'string') return context.skip(run)
  expect(run.model.changes).toBe(3)
})
