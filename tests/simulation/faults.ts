import type { Random } from './random.ts'

/** Chance of each fault when there is an opportunity, at its lowest and highest over all seeds. */
const RATES = {
  // one call of a port
  'lost-request': [0.001, 0.02],
  'lost-answer': [0.001, 0.02],
  'slow-call': [0.01, 0.1],
  // one write
  'disk-full': [0.005, 0.05],
  // one message
  drop: [0.02, 0.3],
  duplicate: [0.02, 0.5],
  'late-duplicate': [0.02, 0.4],
  reorder: [0.05, 0.5],
  delay: [0.02, 0.4],
  // one call of a model
  'provider-429': [0.05, 0.5],
  'provider-529': [0.05, 0.4],
  'provider-unreachable': [0.05, 0.4],
  'provider-timeout-after-success': [0.05, 0.5],
  'provider-garbage': [0.05, 0.4],
  'provider-garbage-unmetered': [0.05, 0.4],
  'provider-slow': [0.05, 0.5],
  // one step of the scheduler
  kill: [0.0007, 0.012],
  'power-loss': [0.0004, 0.006],
  'host-kill': [0.0003, 0.005],
  pause: [0.001, 0.02],
  'clock-jump': [0.001, 0.02],
  partition: [0.001, 0.02],
  'second-coordinator': [0.0007, 0.01],
  interrupt: [0.0003, 0.004],
  'operator-cancel': [0.00002, 0.001],
  'long-stop': [0.0003, 0.004],
  hostile: [0.005, 0.1],
  // one step while a process recovers, or while something is being written
  'crash-in-recovery': [0.005, 0.05],
  'crash-in-write': [0.003, 0.03],
} as const

export type Fault = keyof typeof RATES
/** What faults bring about, counted when it happens. */
export type Consequence =
  | 'lost-write'
  | 'torn-write'
  | 'clock-skew'
  | 'paused-past-lease'
  | `hostile-${string}`

/** Which faults a seed has and how often: about half of the kinds, each at a rate of its own. */
export class Faults {
  readonly counts = new Map<string, number>()
  healed = false
  readonly #random: Random
  readonly #rates = new Map<Fault, number>()

  constructor(random: Random) {
    this.#random = random
    // A few seeds see no fault at all: what fails there is no question of recovery.
    if (random.chance(0.02)) return
    for (const [fault, [least, most]] of Object.entries(RATES)) {
      if (random.chance(0.5)) this.#rates.set(fault as Fault, random.scale(least, most))
    }
  }

  /** Whether the fault happens now; counts it. */
  fires(fault: Fault): boolean {
    if (this.healed) return false
    const rate = this.#rates.get(fault)
    if (rate === undefined || !this.#random.chance(rate)) return false
    this.count(fault)
    return true
  }

  count(what: Fault | Consequence): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }
}
