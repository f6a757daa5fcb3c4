import { Violation } from './violation.ts'
import { World, type WorldOptions } from './world.ts'

export interface SeedResult {
  seed: number
  violation: Violation | null
  steps: number
  idleSteps: number
  /** SHA-256 over all that happened. */
  trace: string
  /** How the session ended, as in `completed`. */
  ending: string
  entries: number
  modelCalls: number
  realSignatures: boolean
  faults: Map<string, number>
}

/** One seed in a hundred signs with Ed25519. */
export function usesRealSignatures(seed: number): boolean {
  return seed % 100 === 0
}

export async function runSeed(seed: number, steps: number, options: WorldOptions = {}): Promise<SeedResult> {
  const realSignatures = options.realSignatures ?? usesRealSignatures(seed)
  const world = new World(seed, { ...options, realSignatures })
  let violation: Violation | null = null
  const onRejection = (error: unknown): void => {
    violation ??= new Violation('unhandled rejection', String(error), { cause: error })
  }
  process.on('unhandledRejection', onRejection)
  try {
    await world.run(steps)
  } catch (error) {
    violation = error instanceof Violation ? error : new Violation('harness', String(error), { cause: error })
  } finally {
    process.off('unhandledRejection', onRejection)
  }
  const { scheduler, disk, checks, provider, faults } = world
  const phase = checks.session?.phase
  const rows = disk.rows('', 0, Number.POSITIVE_INFINITY)
  scheduler.note(rows.at(-1)?.hash ?? '')
  return {
    seed,
    violation,
    steps: scheduler.steps,
    idleSteps: scheduler.idleSteps,
    trace: scheduler.digest(),
    ending: phase?.is === 'stopped' ? phase.why.is : (phase?.is ?? 'unopened'),
    entries: rows.length,
    modelCalls: provider.calls,
    realSignatures,
    faults: faults.counts,
  }
}
