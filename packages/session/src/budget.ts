import type { Charge } from './contents.ts'
import { costMicros } from './money.ts'
import { callCeilingMicros, type Terms } from './terms.ts'
import type { Usage } from './work.ts'

/** All amounts are integer micro-dollars. `spent + reserved` never passes `limit` by an assignment. */
export interface Budget {
  /** null: nothing that costs may be assigned. */
  limit: number | null
  /** Slices of the attempts under way. */
  reserved: number
  /** Settled costs, and the whole slices of attempts whose fate is unknown. */
  spent: number
  /** Of `spent`: slices charged in full because their attempt vanished. */
  unreconciled: number
  /** Warnings given so far, in percent. */
  warned: number
}

export const WARN_AT_PERCENT = [50, 80, 95]

/** What one agent used of one model. */
export interface LedgerLine {
  agent: string
  model: string
  attempts: number
  calls: number
  /** Calls whose fate is unknown, charged at their ceiling. */
  callsUnknown: number
  usage: Usage
  micros: number
}

export function newBudget(limit: number | null): Budget {
  return { limit, reserved: 0, spent: 0, unreconciled: 0, warned: 0 }
}

export function mayReserve(budget: Budget, slice: number): boolean {
  return slice === 0 || (budget.limit !== null && budget.spent + budget.reserved + slice <= budget.limit)
}

export function reserve(budget: Budget, slice: number): void {
  budget.reserved += slice
}

/** The attempt under way reported its charges. */
export function settle(budget: Budget, slice: number, cost: number): void {
  budget.reserved -= slice
  budget.spent += cost
}

/** The attempt under way is gone without a word: it is charged in full until it is heard of. */
export function vanish(budget: Budget, slice: number): void {
  budget.reserved -= slice
  budget.spent += slice
  budget.unreconciled += slice
}

/** A vanished attempt reported after all. */
export function reconcile(budget: Budget, slice: number, cost: number): void {
  budget.unreconciled -= slice
  budget.spent += cost - slice
}

/** The next warning that `spent` has reached, if any. */
export function dueWarning(budget: Budget): number | null {
  if (budget.limit === null || budget.limit === 0) return null
  let due: number | null = null
  for (const percent of WARN_AT_PERCENT) {
    if (percent > budget.warned && budget.spent * 100 >= budget.limit * percent) due = percent
  }
  if (due !== null) budget.warned = due
  return due
}

/** Each call counts once, as it was first named. */
export function eachCallOnce(charges: readonly Charge[]): Charge[] {
  const byCall = new Map<number, Charge>()
  for (const charge of charges) if (!byCall.has(charge.call)) byCall.set(charge.call, charge)
  return [...byCall.values()]
}

/**
 * The price of calls that an attempt reported. An unknown fate or a model other than the one agreed on is priced
 * at the call's ceiling.
 */
export function priceCharges(charges: readonly Charge[], terms: Terms): number {
  if (terms.price === null) return 0
  let micros = 0
  for (const charge of charges) {
    micros +=
      charge.usage === null || charge.model !== terms.model
        ? callCeilingMicros(terms)
        : costMicros(charge.usage, terms.price)
  }
  return micros
}

export function addUsage(sum: Usage, usage: Usage): void {
  sum.inputTokens += usage.inputTokens
  sum.cacheReadTokens += usage.cacheReadTokens
  sum.cacheWriteTokens += usage.cacheWriteTokens
  sum.outputTokens += usage.outputTokens
  sum.reasoningTokens += usage.reasoningTokens
}

export function noUsage(): Usage {
  return { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 }
}
