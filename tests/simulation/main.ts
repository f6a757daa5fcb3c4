import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runSeed } from './run-seed.ts'
import { addSeed, addTally, newTally, renderTally, type Tally } from './tally.ts'

// npm run simulate -- --seeds 1000            a thousand seeds, on all cores
// npm run simulate -- --seed 4711 [--trace]   one seed again, byte for byte

/** Seeds of one child process: what crashed processes of the simulation leave behind ends with it. */
const SEEDS_PER_CHILD = 200
const FAILURES_SHOWN = 10

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: process.env.SIMULATION_SEEDS ?? '1000' },
    seed: { type: 'string' },
    steps: { type: 'string', default: '1500' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    trace: { type: 'boolean', default: false },
    child: { type: 'boolean', default: false },
  },
})

const steps = whole('steps', values.steps)
const seeds = whole('seeds', values.seeds)
const first = values.seed === undefined ? null : whole('seed', values.seed)
if (values.child) process.stdout.write(JSON.stringify(await runSeeds(first ?? 1, seeds)))
else if (first !== null) await replay(first)
else await runAll()

function whole(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  process.stderr.write(`--${name}: "${text}" is not a whole number\n`)
  process.exit(2)
}

async function runSeeds(from: number, many: number): Promise<Tally> {
  const tally = newTally()
  for (let seed = from; seed < from + many; seed++) addSeed(tally, await runSeed(seed, steps))
  return tally
}

/** One seed, with all that happened if asked for. */
async function replay(seed: number): Promise<void> {
  const log = (line: string): void => void process.stdout.write(`${line}\n`)
  const result = await runSeed(seed, steps, values.trace ? { log } : {})
  const { violation, trace, ending } = result
  const tally = newTally()
  addSeed(tally, result)
  process.stdout.write(renderTally(tally, Number.NaN).replaceAll(/NaN[^\n]*\n/g, ''))
  process.stdout.write(`seed ${seed}: ${violation?.message ?? ending}\ntrace ${trace}\n`)
  if (violation !== null) {
    process.stdout.write(`${violation.stack}\n`)
    process.exitCode = 1
  }
}

async function runAll(): Promise<void> {
  const started = performance.now()
  const sum = newTally()
  let next = 1
  async function work(): Promise<void> {
    while (next <= seeds && sum.failed.length < FAILURES_SHOWN) {
      const from = next
      const many = Math.min(SEEDS_PER_CHILD, seeds + 1 - from)
      next += many
      addTally(sum, await inChild(from, many))
      if (process.stderr.isTTY) process.stderr.write(`\r${sum.seeds} seeds, ${sum.failed.length} failed `)
    }
  }
  await Promise.all(Array.from({ length: whole('jobs', values.jobs) }, work))
  process.stdout.write(renderTally(sum, (performance.now() - started) / 1_000))
  for (const { seed, detail } of sum.failed.slice(0, FAILURES_SHOWN)) {
    process.stdout.write(`\nseed ${seed} failed: ${detail}\n`)
    process.stdout.write(`  again: npm run simulate -- --seed ${seed} --steps ${steps} --trace\n`)
  }
  process.stdout.write(`${sum.failed.length} of ${sum.seeds} seeds failed\n`)
  if (sum.failed.length > 0) process.exitCode = 1
}

function inChild(from: number, many: number): Promise<Tally> {
  const script = fileURLToPath(import.meta.url)
  const args = ['--child', '--seed', `${from}`, '--seeds', `${many}`, '--steps', `${steps}`]
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as Tally)
      else reject(new Error(`seeds ${from} to ${from + many - 1}: the process ended with ${code}`))
    })
  })
}
