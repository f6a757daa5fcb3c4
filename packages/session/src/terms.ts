import { worstCaseMicros } from './money.ts'
import type { ModelPrice } from './work.ts'

/** What an attempt of a role may use. Fixed when the session opens, so that every slice is known beforehand. */
export interface Terms {
  /** As in `anthropic/claude-haiku-4-5`, `extractive` or `function`. */
  model: string
  /** null: calls cost nothing. */
  price: ModelPrice | null
  /** Model calls that one attempt may make; calls whose fate a crash left unknown count. */
  callsMax: number
  /** Upper bound of one call's input, in tokens. */
  inputTokensMax: number
  /** Upper bound of one call's output, reasoning included, in tokens. */
  outputTokensMax: number
}

/** What one call can cost at the most, in micro-dollars. */
export function callCeilingMicros(terms: Terms): number {
  return terms.price === null ? 0 : worstCaseMicros(terms.inputTokensMax, terms.outputTokensMax, terms.price)
}

/** What one attempt can cost at the most: its slice of the budget, in micro-dollars. */
export function sliceMicros(terms: Terms): number {
  return terms.callsMax * callCeilingMicros(terms)
}
