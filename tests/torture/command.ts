import { type ChildProcess, spawn } from 'node:child_process'

/** A line that `--json` prints. */
export interface Line {
  event: string
  session?: string
  /** The session's own time, epoch ms. */
  at?: number
  kind?: string
  task?: string
  attempt?: number
  agent?: string
  costMicros?: number
}

export interface Ended {
  /** null: ended by a signal. */
  code: number | null
  /** Whole lines only: half a line is no word of ours. */
  lines: Line[]
  stderr: string
  tookMs: number
}

export interface Running {
  child: ChildProcess
  ended: Promise<Ended>
}

export interface Kill {
  /** Counted from the start of the process, or from the first line that it prints. */
  from: 'start' | 'output'
  afterMs: number
}

/** How long a process may take before it counts as hanging. */
const HANG_MS = 60_000

/** Runs the real command in a process of its own, and ends it with SIGKILL when it is told to. */
export function startCommand(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: Record<string, string>; kill?: Kill },
): Running {
  const started = performance.now()
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [command, ...args, '--json'], {
    cwd: options.cwd,
    env: { PATH, INFRAFABRIC_NO_PROBE: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const timers: NodeJS.Timeout[] = []
  let hung = false
  const killIn = (ms: number): void => void timers.push(setTimeout(() => child.kill('SIGKILL'), ms))
  timers.push(
    setTimeout(() => {
      hung = true
      child.kill('SIGKILL')
    }, HANG_MS),
  )
  const { kill } = options
  if (kill?.from === 'start') killIn(kill.afterMs)
  let stdout = ''
  let stderr = ''
  let spoke = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (kill?.from === 'output' && !spoke) killIn(kill.afterMs)
    spoke = true
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      for (const timer of timers) clearTimeout(timer)
      if (hung) {
        reject(new Error(`hang: ${args.join(' ')} took more than ${HANG_MS} ms\n${stderr.slice(-2_000)}`))
        return
      }
      const lines = stdout.split('\n').slice(0, -1)
      resolve({
        code,
        lines: lines.map((line) => JSON.parse(line) as Line),
        stderr,
        tookMs: performance.now() - started,
      })
    })
  })
  return { child, ended }
}
