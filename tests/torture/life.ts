import { startCommand } from './command.ts'
import { judge, type Story } from './judge.ts'
import { type Provider, startProvider } from './provider.ts'
import { integer, type Random } from './random.ts'
import { PREFIX, type Variant } from './scenario.ts'
import {
  type Acknowledged,
  acknowledgedBy,
  type Facts,
  factsOf,
  keptMarks,
  sessionIn,
} from './session-facts.ts'

export interface Bench {
  /** Of the command that is tried. */
  command: string
  /** Reads what it left behind: a build of unchanged sources. */
  library: typeof import('infrafabric')
  folder: string
}

export interface Tally {
  sessions: number
  kills: number
  killsInResume: number
  /** The process had ended before its kill came. */
  missed: number
  callsUnknown: number
  acknowledged: number
}

export function newTally(): Tally {
  return { sessions: 0, kills: 0, killsInResume: 0, missed: 0, callsUnknown: 0, acknowledged: 0 }
}

/** Longest that a small session takes, in milliseconds; kills fall anywhere in it. */
const SPAN_MS = { start: 900, output: 450 }

/** Runs a session without disturbing it: what all the others are compared with. */
export async function undisturbed(bench: Bench, variant: Variant, home: string): Promise<Facts> {
  const provider = variant === 'paid' ? await startProvider(() => 5) : null
  try {
    const env = { INFRAFABRIC_HOME: home, ...provider?.env }
    const { ended } = startCommand(bench.command, ['run', `${variant}.yaml`], { cwd: bench.folder, env })
    const { code, stderr } = await ended
    const session = await sessionIn(bench.library, home, PREFIX[variant])
    if (code !== 0 || session === undefined)
      throw new Error(`an undisturbed run ended with ${code}: ${stderr}`)
    const facts = await factsOf(bench.library, home, session)
    const faults = judge(facts, facts, { acknowledged: [], provider, faults: [] })
    if (faults.length > 0) throw new Error(`an undisturbed run is wrong: ${faults.join('; ')}`)
    return facts
  } finally {
    await provider?.close()
  }
}

/**
 * One session, killed with SIGKILL again and again: at any moment of its first run, then of its resumptions, until
 * `killsMax` have hit; then resumed to its end and judged. Returns what is wrong.
 */
export async function torment(
  bench: Bench,
  plan: { variant: Variant; home: string; killsMax: number; reference: Facts },
  random: Random,
  tally: Tally,
): Promise<string[]> {
  const { variant, home, reference } = plan
  const provider = variant === 'paid' ? await startProvider(() => integer(random, 0, 40)) : null
  try {
    return await tormentWith(provider)
  } finally {
    await provider?.close()
  }

  async function tormentWith(provider: Provider | null): Promise<string[]> {
    const env = { INFRAFABRIC_HOME: home, ...provider?.env }
    const story = { acknowledged: [] as Acknowledged[], provider, faults: [] as string[] } satisfies Story
    let session: string | undefined
    let kills = 0
    for (let life = 0; ; life++) {
      if (life > plan.killsMax + 20) return [...story.faults, `no end after ${life} lives`]
      const isLast = kills >= plan.killsMax
      const from = random() < 0.4 ? 'start' : 'output'
      const kill = { from, afterMs: random() * SPAN_MS[from] } as const
      const args = session === undefined ? ['run', `${variant}.yaml`] : ['resume', session]
      const options = { cwd: bench.folder, env, ...(isLast ? {} : { kill }) }
      const kept = session === undefined ? [] : keptMarks(home, session)
      const before = provider?.answered().length ?? 0
      const ended = await startCommand(bench.command, args, options).ended
      story.acknowledged.push(...acknowledgedBy(ended.lines))
      for (const mark of provider?.answered().slice(before) ?? []) {
        if (kept.includes(mark)) story.faults.push(`a finished call was made again: ${mark}`)
      }
      if (ended.code === null) {
        kills++
        tally.kills++
        if (args[0] === 'resume') tally.killsInResume++
      } else {
        if (!isLast) tally.missed++
        if (ended.code !== 0) {
          story.faults.push(`${args.join(' ')} ended with ${ended.code}: ${ended.stderr.slice(-600)}`)
          break
        }
      }
      const named = ended.lines.find((line) => line.session !== undefined)?.session
      session = named ?? session ?? (await sessionIn(bench.library, home, PREFIX[variant]))
      if (ended.code === 0) break
    }
    tally.sessions++
    if (session === undefined) return [...story.faults, 'no session']
    const facts = await factsOf(bench.library, home, session)
    tally.callsUnknown += facts.callsUnknown
    tally.acknowledged += story.acknowledged.length
    return judge(facts, reference, story)
  }
}
