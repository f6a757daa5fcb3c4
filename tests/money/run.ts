// npm run schedules -- --count N [--seed S]
import { readOptions } from '../torture/options.ts'
import { newMoneyTally, playSchedule } from './play-schedule.ts'

const { count, seed } = readOptions({ count: 20_000, seed: 1 })
const started = performance.now()
const tally = newMoneyTally()
const faults: string[] = []
for (let i = 0; i < count && faults.length < 10; i++) {
  const fault = playSchedule(seed + i, tally)
  if (fault !== null) faults.push(`seed ${seed + i}: ${fault}`)
}
for (const fault of faults) process.stdout.write(`FAULT ${fault}\n`)
const seconds = Math.round((performance.now() - started) / 1000)
process.stdout.write(`${JSON.stringify({ seed, ...tally, faults: faults.length, seconds })}\n`)
process.exitCode = faults.length === 0 ? 0 : 1
