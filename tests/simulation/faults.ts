import type { Random } from './random.ts'

/** Chance of each fault when there is an opportunity, at its lowest and highest over all seeds. */
const RATES = {
  // one call of a port
  'lost-request': [0.0005, 0.01],
  'lost-answer': [0.0005, 0.01],
  'disk-full': [0.0005, 0.005],
  'slow-call': [0.005, 0.1],
  // one message
  drop: [0.005, 0.1],
  duplicate: [0.005, 0.2],
  'late-duplicate': [0.005, 0.1],
  reorder: [0.01, 0.3],
  delay: [0.01, 0.2],
  // one call of a model
  'provider-429': [0.01, 0.3],
  'provider-529': [0.01, 0.2],
  'provider-unreachable': [0.01, 0.1],
  'provider-timeout-after-success': [0.01, 0.2],
  'provider-garbage': [0.01, 0.2],
  'provider-garbage-unmetered': [0.01, 0.1],
  'provider-slow': [0.01, 0.2],
  // one step of the scheduler
  kill: [0.0005, 0.02],
  'power-loss': [0.0002, 0.008],
  'host-kill': [0.0001, 0.002],
  pause: [0.0003, 0.005],
  'clock-jump': [0.0002, 0.004],
  partition: [0.0002, 0.004],
  'second-coordinator': [0.0005, 0.008],
  interrupt: [0.0001, 0.001],
  'operator-cancel': [0.00001, 0.0002],
  'long-stop': [0.0001, 0.001],
  hostile: [0.001, 0.03],
} as const

export type Fault = keyof typeof RATES
/** What faults bring about, counted when it happens. */
export type Consequence =
  | 'crash-in-recovery'
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
