import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCommand } from './command.ts'
import { DiskModel, type Losses } from './disk-model.ts'
import { judge } from './judge.ts'
import { type Bench, undisturbed } from './life.ts'
import { inParallel } from './options.ts'
import { startProvider } from './provider.ts'
import { integer, type Random, randomOf } from './random.ts'
import { layOut, PREFIX, type Variant } from './scenario.ts'
import { type Acknowledged, acknowledgedBy, type Facts, factsOf, sessionIn } from './session-facts.ts'

export interface LostWritesTally extends Losses {
  sessions: number
  /** Times that the power went. */
  trials: number
  /** Of those while a session was taken up again. */
  trialsInResume: number
  callsUnknown: number
  acknowledged: number
}

export interface LostWritesRun {
  tally: LostWritesTally
  faults: string[]
  tookMs: number
}

export interface LostWritesOptions {
  trials: number
  seed: number
  lanes: number
  library: string
  stopAtFault?: boolean
}

/** More than a small session makes: a cut beyond the end does not come. */
const CHANGES = 400
const CUTS_MAX = 4

/** Runs sessions whose disk loses power after any change, until it has done so so many times. */
export async function loseWrites(
  tools: Omit<Bench, 'folder'>,
  { trials, seed, lanes, library, stopAtFault = false }: LostWritesOptions,
): Promise<LostWritesRun> {
  const started = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'infrafabric-power-'))
  const bench = { ...tools, folder }
  const variants = ['extractive', 'paid'] as const
  const faults: string[] = []
  const tally: LostWritesTally = {
    sessions: 0,
    trials: 0,
    trialsInResume: 0,
    callsUnknown: 0,
    acknowledged: 0,
    writesKept: 0,
    writesLost: 0,
    writesTorn: 0,
    namesKept: 0,
    namesLost: 0,
  }
  try {
    layOut(folder)
    const references = await inParallel(
      lanes,
      variants.map((variant) => () => undisturbed(bench, variant, join(folder, variant))),
    )
    let next = 0
    const lane = async (): Promise<void> => {
      while (tally.trials < trials && !(stopAtFault && faults.length > 0)) {
        const number = next++
        const variant = variants[number % 2] ?? 'extractive'
        const reference = references[number % 2]
        if (reference === undefined) throw new Error('nothing to compare with')
        const place = join(folder, `trial-${number}`)
        mkdirSync(place)
        const plan = { variant, place, library, reference }
        const found = await cutPower(bench, plan, randomOf(seed + number), tally).catch((error) => [
          String(error),
        ])
        faults.push(...found.map((fault) => `seed ${seed + number}, ${variant}: ${fault}`))
        if (found.length === 0) rmSync(place, { recursive: true })
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    return { tally, faults, tookMs: performance.now() - started }
  } finally {
    if (faults.length === 0 || stopAtFault) rmSync(folder, { recursive: true, force: true })
    else process.stderr.write(`what is left of the failed sessions: ${folder}\n`)
  }
}

/** One session: power is cut one to four times, then it is taken up to its end and judged. */
async function cutPower(
  bench: Bench,
  plan: { variant: Variant; place: string; library: string; reference: Facts },
  random: Random,
  tally: LostWritesTally,
): Promise<string[]> {
  const { variant, place, reference } = plan
  const home = join(place, 'home')
  const provider = variant === 'paid' ? await startProvider(() => integer(random, 0, 15)) : null
  const story = { acknowledged: [] as Acknowledged[], provider, faults: [] as string[] }
  let session: string | undefined
  try {
    const cuts = integer(random, 1, CUTS_MAX)
    for (let life = 0; ; life++) {
      const record = join(place, `record-${life}`)
      const power = {
        LD_PRELOAD: plan.library,
        POWER_HOME: home,
        POWER_RECORD: record,
        POWER_CUT: String(integer(random, 1, CHANGES)),
      }
      const isLast = life >= cuts
      const env = { INFRAFABRIC_HOME: home, ...provider?.env, ...(isLast ? {} : power) }
      const model = isLast ? null : DiskModel.of(home)
      const args: string[] = session === undefined ? ['run', `${variant}.yaml`] : ['resume', session]
      const ended = await startCommand(bench.command, args, { cwd: bench.folder, env }).ended
      story.acknowledged.push(...acknowledgedBy(ended.lines))
      const named = ended.lines.find((line) => line.session !== undefined)?.session
      if (ended.code !== null && ended.code !== 0) {
        story.faults.push(`${args.join(' ')} ended with ${ended.code}: ${ended.stderr.slice(-600)}`)
        break
      }
      if (model !== null) {
        model.replay(readFileSync(record))
        const difference = model.difference()
        if (difference !== null) throw new Error(`the harness missed a change: ${difference}`)
        // Also when the session is finished: what was said then must stay true.
        const losses = model.losePower(random)
        for (const name of Object.keys(losses) as (keyof Losses)[]) tally[name] += losses[name]
        tally.trials++
        if (args[0] === 'resume') tally.trialsInResume++
      }
      const acknowledged = named ?? session
      session = await sessionIn(bench.library, home, PREFIX[variant])
      if (acknowledged !== undefined && session !== acknowledged) {
        story.faults.push(`session ${acknowledged} was named and is lost`)
        break
      }
      if (isLast) break
    }
    tally.sessions++
    if (session === undefined) return story.faults.length > 0 ? story.faults : ['no session']
    const facts = await factsOf(bench.library, home, session)
    tally.callsUnknown += facts.callsUnknown
    tally.acknowledged += story.acknowledged.length
    return judge(facts, reference, story)
  } finally {
    await provider?.close()
  }
}
