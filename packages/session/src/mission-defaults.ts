import type { Mission } from './mission.ts'

/** Everything that a mission need not say. The only place where these figures stand. */
export function defaultMission(): Omit<Mission, 'name' | 'objective'> {
  return {
    evidence: [],
    agents: {
      planner: { count: 1, concurrency: 1, model: 'auto' },
      worker: { count: 10, concurrency: 1, model: 'auto' },
      synthesizer: { count: 1, concurrency: 1, model: 'auto' },
    },
    budgetMicros: null,
    deadlineMs: null,
    attemptsMax: 3,
    attemptTimeoutMs: 300_000,
    tasks: [],
    prices: {},
  }
}
