import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bench, newTally, type Tally, torment, undisturbed } from './life.ts'
import { inParallel } from './options.ts'
import { integer, randomOf } from './random.ts'
import { layOut, type Variant } from './scenario.ts'

export interface KillRun {
  tally: Tally
  /** What was found wrong, each with the seed of its session. */
  faults: string[]
  tookMs: number
}

export interface KillOptions {
  kills: number
  seed: number
  lanes: number
  /** Left out: all. */
  variants?: readonly Variant[]
  /** Stop at the first fault: a control needs no more. */
  stopAtFault?: boolean
}

/** Torments sessions until so many kills have hit. One home in three is shared by two sessions at a time. */
export async function killSessions(
  tools: Omit<Bench, 'folder'>,
  { kills, seed, lanes, variants = ['extractive', 'paid'], stopAtFault = false }: KillOptions,
): Promise<KillRun> {
  const started = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'infrafabric-torture-'))
  const bench = { ...tools, folder }
  const tally = newTally()
  const faults: string[] = []
  try {
    layOut(folder)
    const references = new Map(
      await inParallel(
        lanes,
        variants.map((variant) => async () => {
          const facts = await undisturbed(
            { ...bench, command: tools.command },
            variant,
            join(folder, variant),
          )
          return [variant, facts] as const
        }),
      ),
    )
    let next = 0
    const round = async (): Promise<void> => {
      const number = next++
      const random = randomOf(seed + number)
      const home = join(folder, `home-${number}`)
      mkdirSync(home)
      const shared = variants.length > 1 && number % 3 === 2
      const chosen = shared ? variants : [variants[number % variants.length] ?? 'extractive']
      const outcomes = await Promise.allSettled(
        chosen.map((variant) => {
          const reference = references.get(variant)
          if (reference === undefined) throw new Error(`nothing to compare ${variant} with`)
          // Each session draws from numbers of its own: with a shared home, the other's pace must not change them.
          const own = randomOf(Math.floor(random() * 2 ** 32))
          return torment(bench, { variant, home, killsMax: integer(own, 1, 8), reference }, own, tally)
        }),
      )
      for (const [at, outcome] of outcomes.entries()) {
        const what = outcome.status === 'rejected' ? [String(outcome.reason)] : outcome.value
        faults.push(...what.map((fault) => `seed ${seed + number}, ${chosen[at]}: ${fault}`))
      }
      if (outcomes.every((outcome) => outcome.status === 'fulfilled' && outcome.value.length === 0))
        rmSync(home, { recursive: true })
    }
    const lane = async (): Promise<void> => {
      while (tally.kills < kills && !(stopAtFault && faults.length > 0)) await round()
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    return { tally, faults, tookMs: performance.now() - started }
  } finally {
    if (faults.length === 0 || stopAtFault) rmSync(folder, { recursive: true, force: true })
    else process.stderr.write(`what is left of the failed sessions: ${folder}\n`)
  }
}
