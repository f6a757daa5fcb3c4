import { parseArgs } from 'node:util'

/** `--kills 100 --seed 7`: whole numbers under the names given, with what they are when left out. */
export function readOptions<Name extends string>(standard: Record<Name, number>): Record<Name, number> {
  const names = Object.keys(standard) as Name[]
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  const { values } = parseArgs({ options })
  const read = { ...standard }
  for (const name of names) {
    const text = values[name]
    if (text === undefined) continue
    if (typeof text !== 'string' || !/^\d{1,12}$/.test(text))
      throw new Error(`--${name} must be a whole number`)
    read[name] = Number(text)
  }
  return read
}

/** Runs the jobs, so many at a time, and gives what they returned in their order. */
export async function inParallel<T>(lanes: number, jobs: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = new Array(jobs.length)
  let next = 0
  async function lane(): Promise<void> {
    for (let at = next++; at < jobs.length; at = next++) {
      const job = jobs[at]
      if (job !== undefined) results[at] = await job()
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, lanes) }, lane))
  return results
}
