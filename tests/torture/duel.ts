import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCommand } from './command.ts'
import { judge } from './judge.ts'
import { type Bench, undisturbed } from './life.ts'
import { type Random, randomOf } from './random.ts'
import { layOut, PREFIX } from './scenario.ts'
import { acknowledgedBy, type Facts, factsOf, sessionIn } from './session-facts.ts'

export interface DuelRun {
  duels: number
  /** Duels in which the first coordinator was stopped by the fence. */
  fenced: number
  faults: string[]
  tookMs: number
}

/**
 * A coordinator is stopped in the middle (SIGSTOP, as a machine that is put to sleep), another takes its session over,
 * and the first wakes up at any moment. Tried with a command whose lock is taken out: the fence must do.
 */
export async function duel(
  tools: Omit<Bench, 'folder'>,
  { duels, seed, stopAtFault = false }: { duels: number; seed: number; stopAtFault?: boolean },
): Promise<DuelRun> {
  const started = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'infrafabric-duel-'))
  const bench = { ...tools, folder }
  const run: DuelRun = { duels: 0, fenced: 0, faults: [], tookMs: 0 }
  try {
    layOut(folder)
    const reference = await undisturbed(bench, 'extractive', join(folder, 'reference'))
    while (run.duels < duels && !(stopAtFault && run.faults.length > 0)) {
      const home = join(folder, `home-${run.duels}`)
      mkdirSync(home)
      const found = await once(bench, home, reference, randomOf(seed + run.duels), run)
      run.faults.push(...found.map((fault) => `seed ${seed + run.duels}: ${fault}`))
      run.duels++
      rmSync(home, { recursive: true, force: true })
    }
    return { ...run, tookMs: performance.now() - started }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function once(
  bench: Bench,
  home: string,
  reference: Facts,
  random: Random,
  run: DuelRun,
): Promise<string[]> {
  const options = { cwd: bench.folder, env: { INFRAFABRIC_HOME: home } }
  const first = startCommand(bench.command, ['run', 'extractive.yaml'], options)
  await new Promise<void>((resolve) => first.child.stdout?.once('data', () => resolve()))
  await sleep(random() * 250)
  const session = await stopBetweenCommits(first.child, () =>
    sessionIn(bench.library, home, PREFIX.extractive),
  )
  if (session === undefined) {
    first.child.kill('SIGKILL')
    await first.ended
    return ['a session that was named is not there']
  }
  const second = startCommand(bench.command, ['resume', session], options)
  await sleep(200 + random() * 600)
  first.child.kill('SIGCONT')
  const ended = await Promise.all([first.ended, second.ended])
  const fenced = ended.filter(
    ({ code, stderr }) => code !== 0 && /another process took|conflict/i.test(stderr),
  )
  run.fenced += fenced.length
  const faults = ended.flatMap(({ code, stderr }) =>
    code === 0 || /another process took|conflict/i.test(stderr)
      ? []
      : [`it ended with ${code}: ${stderr.slice(-300)}`],
  )
  const last = await startCommand(bench.command, ['resume', session], options).ended
  if (last.code !== 0) faults.push(`it cannot be taken up: ${last.stderr.slice(-300)}`)
  const acknowledged = [...ended, last].flatMap(({ lines }) => acknowledgedBy(lines))
  const facts = await factsOf(bench.library, home, session).catch((error: Error) => error)
  if (facts instanceof Error) return [...faults, `it cannot be read: ${facts.message}`]
  return judge(facts, reference, { acknowledged, provider: null, faults })
}

/** A process that sleeps in the middle of a commit keeps everybody out: it is woken until it sleeps elsewhere. */
async function stopBetweenCommits<T>(child: ChildProcess, look: () => Promise<T>): Promise<T> {
  for (;;) {
    child.kill('SIGSTOP')
    try {
      return await look()
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'busy')) throw error
      child.kill('SIGCONT')
      await sleep(5)
    }
  }
}
