export type { ModelPrice, Outcome, PlannedTask, RateLimits, Role, Usage } from './work.ts'
