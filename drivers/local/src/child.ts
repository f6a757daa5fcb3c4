import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Child {
  process: ChildProcess
  /** What it has written so far. */
  output(): string
  /** Resolves when the output holds the text. */
  says(text: string): Promise<void>
  /** Resolves with the output; rejects when it failed. */
  finished: Promise<string>
  /** kill -9. */
  kill(): Promise<void>
}

/** Runs one of the scripts in `children/` in a process of its own. */
export function startChild(script: string, ...args: string[]): Child {
  const path = fileURLToPath(new URL(`children/${script}.ts`, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const closed = once(child, 'close')
  const finished = closed.then(() => {
    if (child.exitCode === 0) return output
    throw new Error(`${script} ended with ${child.exitCode ?? child.signalCode}: ${errors}`)
  })
  finished.catch(() => {})
  return {
    process: child,
    output: () => output,
    finished,
    async says(text) {
      while (!output.includes(text))
        await Promise.race([once(child.stdout, 'data'), finished.then(() => 'ended')])
    },
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
  }
}
