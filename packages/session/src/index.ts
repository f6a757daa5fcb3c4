export { costMicros, formatUsd, MoneyError, parseUsd, usageFault, worstCaseMicros } from './money.ts'
export type { ModelPrice, Outcome, PlannedTask, RateLimits, Role, Usage } from './work.ts'
