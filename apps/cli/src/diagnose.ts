import { mkdir, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ModelError } from '@infrafabric/ports'
import { type Environment, type ModelOption, surveyModels, workerModel } from './compose.ts'

export interface Finding {
  subject: string
  /** `note`: not needed, or not looked at. */
  is: 'good' | 'bad' | 'note'
  found: string
  remedy: string | null
}

const NODE_MIN = [22, 12] as const

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const subject = 'Node.js'
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return good(subject, version)
  return bad(subject, `${version} is too old`, `Install ${NODE_MIN.join('.')} or newer: https://nodejs.org`)
}

/** Whether sessions can be kept there. Leaves nothing behind that was not there. */
export async function checkHome(home: string): Promise<Finding> {
  const subject = 'home'
  const existing = await nearestFolder(home)
  const probe = join(existing, `.infrafabric-doctor-${process.pid}`)
  try {
    if (existing === home) await readdir(home)
    await mkdir(probe)
    await writeFile(join(probe, 'probe'), 'a')
    await rm(probe, { recursive: true })
  } catch (error) {
    await rm(probe, { recursive: true, force: true }).catch(() => {})
    return bad(
      subject,
      `${home} is not writable (${codeOf(error)})`,
      'Check who owns it, or name another with --home.',
    )
  }
  return good(subject, existing === home ? home : `${home} (will be made)`)
}

const FREE_BYTES_MIN = 200 * 1024 * 1024

export async function checkDisk(home: string): Promise<Finding> {
  const subject = 'disk'
  try {
    const { bavail, bsize } = await statfs(await nearestFolder(home))
    const free = bavail * bsize
    const found = `${(free / 1024 ** 3).toFixed(1)} GiB free`
    if (free >= FREE_BYTES_MIN) return good(subject, found)
    return bad(subject, found, 'Free some space, or name a home on another disk with --home.')
  } catch (error) {
    return { subject, is: 'note', found: `free space is not known (${codeOf(error)})`, remedy: null }
  }
}

/** Software of this version was not there before. */
const EARLIEST = Date.UTC(2026, 0, 1)
/** Clocks of file systems and processes differ by so much. */
const SKEW_MS = 5_000

/** Signed messages carry the time: a clock that is years off, or was set back, makes them look like replays. */
export async function checkClock(home: string, now: number): Promise<Finding> {
  const subject = 'clock'
  const shown = new Date(now).toISOString()
  const remedy = 'Set the clock: messages and certificates carry the time.'
  if (now < EARLIEST) return bad(subject, `it says ${shown}, which is in the past`, remedy)
  const written = await stat(join(home, 'journal.db')).catch(() => null)
  if (written !== null && written.mtimeMs > now + SKEW_MS)
    return bad(
      subject,
      `it says ${shown}, but sessions were written at ${written.mtime.toISOString()}`,
      remedy,
    )
  return good(subject, shown)
}

const CHECK_MS = 10_000

/** Every way to a model; keys are tried by calls that cost nothing. */
export async function checkModels(environment: Environment, home: string): Promise<Finding[]> {
  const options = await surveyModels(environment, home)
  return Promise.all(options.map((option) => checkModel(option, environment, home)))
}

async function checkModel(option: ModelOption, environment: Environment, home: string): Promise<Finding> {
  const subject = option.source
  if (!option.usable) return { subject, is: 'note', found: option.why, remedy: null }
  try {
    const model = await workerModel(option, environment, home)
    if (model === null) return good(subject, option.why)
    await model.check(AbortSignal.timeout(CHECK_MS))
    return good(subject, `${option.why}; ${model.provider}/${model.model} can be used`)
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    return bad(subject, error.message, `Until then, --model extractive works without it.`)
  }
}

async function nearestFolder(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => null)
    if (found !== null || at === dirname(at)) return at
  }
}

function good(subject: string, found: string): Finding {
  return { subject, is: 'good', found, remedy: null }
}

function bad(subject: string, found: string, remedy: string): Finding {
  return { subject, is: 'bad', found, remedy }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
