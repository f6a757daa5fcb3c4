import { type Charge, callCeilingMicros, costMicros, type Terms } from '@infrafabric/session'

/**
 * What an attempt's charges cost, computed apart from the session's own arithmetic: each call once, a call of
 * unknown fate or of another model than agreed at its ceiling.
 */
export function costOfCharges(charges: readonly Charge[], terms: Terms): number {
  const { price } = terms
  if (price === null) return 0
  const byCall = new Map<number, Charge>()
  for (const charge of charges) if (!byCall.has(charge.call)) byCall.set(charge.call, charge)
  let micros = 0
  for (const { usage, model } of byCall.values()) {
    micros += usage === null || model !== terms.model ? callCeilingMicros(terms) : costMicros(usage, price)
  }
  return micros
}
