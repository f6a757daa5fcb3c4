import type { SeedResult } from './run-seed.ts'

export interface FailedSeed {
  seed: number
  rule: string
  detail: string
}

/** What many seeds came to. Plain data, so that a child process can print it. */
export interface Tally {
  seeds: number
  realSignatures: number
  steps: number
  idleSteps: number
  entries: number
  modelCalls: number
  endings: Record<string, number>
  faults: Record<string, number>
  failed: FailedSeed[]
}

export function newTally(): Tally {
  return {
    seeds: 0,
    realSignatures: 0,
    steps: 0,
    idleSteps: 0,
    entries: 0,
    modelCalls: 0,
    endings: {},
    faults: {},
    failed: [],
  }
}

export function addSeed(tally: Tally, result: SeedResult): void {
  tally.seeds++
  if (result.realSignatures) tally.realSignatures++
  tally.steps += result.steps
  tally.idleSteps += result.idleSteps
  tally.entries += result.entries
  tally.modelCalls += result.modelCalls
  const { violation, seed } = result
  if (violation === null) addTo(tally.endings, result.ending, 1)
  else tally.failed.push({ seed, rule: violation.rule, detail: detailOf(violation) })
  for (const [fault, count] of result.faults) addTo(tally.faults, fault, count)
}

export function addTally(sum: Tally, part: Tally): void {
  sum.seeds += part.seeds
  sum.realSignatures += part.realSignatures
  sum.steps += part.steps
  sum.idleSteps += part.idleSteps
  sum.entries += part.entries
  sum.modelCalls += part.modelCalls
  sum.failed.push(...part.failed)
  for (const [ending, count] of Object.entries(part.endings)) addTo(sum.endings, ending, count)
  for (const [fault, count] of Object.entries(part.faults)) addTo(sum.faults, fault, count)
}

export function renderTally(tally: Tally, seconds: number): string {
  const { seeds, steps } = tally
  const lines = [
    `${count(seeds)} seeds, ${count(tally.realSignatures)} of them with real Ed25519 signatures`,
    `${count(steps)} steps, ${count(tally.idleSteps)} of them long polls that brought nothing`,
    `${count(Math.round(steps / seconds))} steps and ${(seeds / seconds).toFixed(1)} seeds a second, ${seconds.toFixed(0)} s`,
    `${count(tally.entries)} journal entries, ${count(tally.modelCalls)} model calls billed`,
    'sessions:',
    ...table(tally.endings),
    'faults:',
    ...table(tally.faults),
  ]
  return `${lines.join('\n')}\n`
}

function table(counts: Record<string, number>): string[] {
  return Object.entries(counts)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `  ${name.padEnd(34)}${count(value).padStart(14)}`)
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function addTo(counts: Record<string, number>, name: string, more: number): void {
  counts[name] = (counts[name] ?? 0) + more
}

function detailOf(violation: Error): string {
  const { cause } = violation
  return cause instanceof Error ? `${violation.message}\n${cause.stack}` : violation.message
}
