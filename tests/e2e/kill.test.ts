import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const COMMAND = join(ROOT, 'apps/cli/bin/infrafabric.js')
const MISSION = join(ROOT, 'examples/navidocs/mission.yaml')
const KILLS = 5

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'infrafabric-kill-'))
})

afterEach(async () => {
  await rm(home, { recursive: true })
})

interface Ended {
  /** null: killed. */
  code: number | null
  stdout: string
}

/** Runs the real command, and sends SIGKILL after `killMs` or as soon as its output says so. */
function infrafabric(args: string[], kill?: { afterMs: number; once?: RegExp }): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      env: { PATH: process.env.PATH, INFRAFABRIC_HOME: home, INFRAFABRIC_NO_PROBE: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let stdout = ''
    let armed = false
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      if (kill !== undefined && !armed && (kill.once?.test(stdout) ?? true)) {
        armed = true
        setTimeout(() => child.kill('SIGKILL'), kill.afterMs)
      }
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout }))
  })
}

function sessionOf({ stdout }: Ended): string {
  const name = /"session":"(navidocs-handover-[a-z0-9]{4})"/.exec(stdout)?.[1]
  if (name === undefined) throw new Error(`no session in ${stdout.slice(0, 500)}`)
  return name
}

/** The report without what rightly differs: the session's name, and the record of times and ids at the end. */
async function reportOf(session: string): Promise<string> {
  const text = await readFile(join(home, 'reports', session, 'report.md'), 'utf8')
  return text.replaceAll(session, 'SESSION').replace(/\n## Session record[\s\S]*$/, '')
}

it(`gives the same report after ${KILLS} kills with SIGKILL, and the session verifies`, async () => {
  const undisturbed = await infrafabric(['run', MISSION, '--json'])
  expect(undisturbed.code).toBe(0)

  // Kills spread over the run: while tasks are being done, and during recoveries.
  const first = await infrafabric(['run', MISSION, '--json'], { afterMs: 0, once: /"kind":"assigned"/ })
  expect(first.code).toBeNull()
  const session = sessionOf(first)
  let killed = 1
  for (let i = 1; i < KILLS; i++) {
    const again = await infrafabric(['resume', session, '--json'], { afterMs: 15 * i, once: /./ })
    if (again.code === null) killed++
  }
  const last = await infrafabric(['resume', session, '--json'])
  expect(last.code).toBe(0)
  expect(killed).toBeGreaterThan(1)

  const report = await reportOf(session)
  expect(report).toBe(await reportOf(sessionOf(undisturbed)))
  expect(report).toContain('14 March 2027')
  expect((await infrafabric(['verify', session, '--json'])).code).toBe(0)
})

it('ends a killed session for good when it is cancelled, without doing any more of it', async () => {
  const killed = await infrafabric(['run', MISSION, '--json'], { afterMs: 0, once: /"kind":"assigned"/ })
  const session = sessionOf(killed)
  expect((await infrafabric(['cancel', session])).code).toBe(0)
  const { stdout } = await infrafabric(['status', session])
  expect(stdout).toMatch(/^navidocs-handover-\w{4}: cancelled/)
  expect(stdout).not.toContain('under way')
  expect((await infrafabric(['verify', session])).code).toBe(0)
  // It stays cancelled.
  expect((await infrafabric(['resume', session])).code).toBe(1)
})
