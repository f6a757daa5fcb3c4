import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'

/**
 * `npm run bench [-- --rounds N]`: medians of interleaved runs, each in a process of its own, as a table for people
 * on stderr and as one JSON object on stdout. Aims are those of the project's own speed goals.
 */
const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 5
const TASKS = [100, 1_000, 5_000, 10_000]
const DOCUMENTS = 1_000

interface Run {
  ms: number
  rssMb: number
}

const session = new Map<number, Run[]>()
const floor = new Map<number, Run[]>()
const documents: Run[] = []
const help: number[] = []
const empty: number[] = []

for (let round = 0; round < rounds; round++) {
  for (const tasks of TASKS) {
    push(floor, tasks, run('floor-run.ts', tasks))
    push(session, tasks, run('session-run.ts', tasks))
  }
  documents.push(run('documents-run.ts', DOCUMENTS))
  for (let i = 0; i < 5; i++) {
    empty.push(wallMs(['-e', '']))
    help.push(wallMs([join(import.meta.dirname, '../../apps/cli/bin/infrafabric.js'), '--help']))
  }
  process.stderr.write(`round ${round + 1} of ${rounds} done\n`)
}

const rows = TASKS.map((tasks) => {
  const ms = median(of(session, tasks).map((each) => each.ms))
  const floorMs = median(of(floor, tasks).map((each) => each.ms))
  const ratio = median(of(session, tasks).map((each, i) => each.ms / (of(floor, tasks)[i]?.ms ?? Number.NaN)))
  const rssMb = median(of(session, tasks).map((each) => each.rssMb))
  return { tasks, ms, floorMs, ratio, microsecondsPerTask: (1_000 * ms) / tasks, rssMb }
})
const msAt = (tasks: number): number => rows.find((row) => row.tasks === tasks)?.ms ?? Number.NaN
const result = {
  machine: {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  },
  rounds,
  session: rows,
  growth: { value: msAt(10_000) / msAt(1_000), aim: 10.5 },
  ratioAt5000: { value: rows.find((row) => row.tasks === 5_000)?.ratio, aim: 0.4 },
  rssAt10000: { value: rows.find((row) => row.tasks === 10_000)?.rssMb, aim: 200 },
  documents: { count: DOCUMENTS, ms: median(documents.map((each) => each.ms)), aim: 5_000 },
  help: {
    ratioToEmptyNode: median(help.map((ms, i) => ms / (empty[i] ?? Number.NaN))),
    ms: median(help),
    aim: 1.5,
  },
}
process.stderr.write(`${table()}\n`)
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)

function run(script: string, size: number): Run {
  const output = execFileSync(process.execPath, [join(import.meta.dirname, script), String(size)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(output) as Run
}

function wallMs(args: string[]): number {
  const started = performance.now()
  execFileSync(process.execPath, args, { stdio: 'ignore' })
  return performance.now() - started
}

function push(to: Map<number, Run[]>, key: number, each: Run): void {
  to.set(key, [...of(to, key), each])
}

function of(from: Map<number, Run[]>, key: number): Run[] {
  return from.get(key) ?? []
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

function table(): string {
  const lines = ['tasks    session ms   floor ms   ratio   µs/task   peak RSS MB']
  for (const row of rows) {
    lines.push(
      [
        String(row.tasks).padEnd(7),
        row.ms.toFixed(0).padStart(11),
        row.floorMs.toFixed(0).padStart(11),
        row.ratio.toFixed(2).padStart(8),
        row.microsecondsPerTask.toFixed(0).padStart(10),
        row.rssMb.toFixed(0).padStart(14),
      ].join(''),
    )
  }
  lines.push(
    `10,000 tasks cost ${result.growth.value.toFixed(2)} × 1,000 (aim: at most ${result.growth.aim})`,
    `${DOCUMENTS} documents of 10 KB, read, indexed and answered: ${result.documents.ms.toFixed(0)} ms (aim: ${result.documents.aim})`,
    `infrafabric --help: ${result.help.ratioToEmptyNode.toFixed(2)} × an empty Node process, ${result.help.ms.toFixed(0)} ms (aim: ${result.help.aim})`,
  )
  return lines.join('\n')
}
