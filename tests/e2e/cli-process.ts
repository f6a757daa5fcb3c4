import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')
export const COMMAND = join(ROOT, 'apps/cli/bin/infrafabric.js')

export interface Ended {
  /** null: ended by a signal. */
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Started {
  child: ChildProcess
  ended: Promise<Ended>
  /** Resolves once it has printed that, on stdout or stderr. */
  said(pattern: RegExp): Promise<void>
}

/** A folder with a home of its own, in which real processes of the built command run. */
export class Desk {
  readonly folder: string
  readonly home: string

  #missions = 0

  private constructor(folder: string) {
    this.folder = folder
    this.home = join(folder, 'home')
  }

  static async open(): Promise<Desk> {
    const desk = new Desk(await mkdtemp(join(tmpdir(), 'infrafabric-cli-')))
    await desk.write('lease.txt', LEASE)
    await desk.write('letter.md', LETTER)
    return desk
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }

  write(name: string, content: string | Uint8Array): Promise<void> {
    return writeFile(join(this.folder, name), content)
  }

  /** A mission with one question about the lease; `lines` replace or add to it. */
  async mission(lines: Record<string, string> = {}): Promise<string> {
    // Tests of one desk run side by side.
    const name = `mission-${++this.#missions}.yaml`
    const fields = {
      mission: 'lease',
      objective: 'What does the lease say?',
      evidence: '[lease.txt, letter.md]',
      tasks: '[{ id: rent, question: How much is the monthly rent? }]',
      ...lines,
    }
    const text = Object.entries(fields).map(([key, value]) => `${key}: ${value}\n`)
    await this.write(name, text.join(''))
    return name
  }

  start(args: readonly string[], env: Record<string, string> = {}, node: readonly string[] = []): Started {
    const child = spawn(process.execPath, [...node, COMMAND, ...args], {
      cwd: this.folder,
      env: { PATH: process.env.PATH, INFRAFABRIC_HOME: this.home, INFRAFABRIC_NO_PROBE: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    let told = (): void => {}
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      told()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      told()
    })
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
    })
    return {
      child,
      ended,
      said: (pattern) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            if (pattern.test(stdout) || pattern.test(stderr)) resolve()
          }
          told = look
          look()
          void ended.then(() => {
            reject(new Error(`it never said ${pattern}: ${stderr}`))
          })
        }),
    }
  }

  run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    return this.start(args, env).ended
  }

  /** Runs a mission that is known to be good, and gives its session. */
  async session(): Promise<string> {
    const ended = await this.run(['run', await this.mission(), '--model', 'extractive', '--json'])
    const [first] = linesOf(ended.stdout)
    if (ended.code !== 0 || typeof first?.session !== 'string') throw new Error(ended.stderr)
    return first.session
  }
}

/** The objects that `--json` printed; rejects anything else on stdout. */
export function linesOf(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

const LEASE = `Lease of the boathouse

The monthly rent of the boathouse is EUR 480, payable on the first day of each month.
The lease begins on 1 March 2027 and ends on 28 February 2028.
The tenant pays a deposit of EUR 960 before moving in.
`
const LETTER = `# Letter to the tenant

We confirm that the monthly rent of the boathouse is EUR 480.
The keys are at the harbour office.
`
