import { type Claim, factsOf, termsOf } from '@infrafabric/evidence'

/** Whether a claim says nothing that an earlier one does not. */
export function isRepetition(claim: Claim, earlier: readonly Claim[]): boolean {
  const own = claim.supports[0]
  const words = new Set(termsOf(claim.text))
  const values = valuesOf(claim.text)
  return earlier.some((other) => {
    if (other.text === claim.text) return true
    // The other side of a dispute is told there.
    if (other.contradicts.some((quote) => quote.source === own?.source && quote.text === own.text))
      return true
    if (claim.contradicts.length > 0 && claim.contradicts.every((quote) => has(other.contradicts, quote)))
      return true
    const known = valuesOf(other.text)
    if (![...values].every((value) => known.has(value))) return false
    if (claim.supports.some((quote) => has(other.supports, quote)))
      return values.size > 0 || other.supports[0]?.text === own?.text
    const theirs = new Set(termsOf(other.text))
    const shared = [...words].filter((word) => theirs.has(word)).length
    return shared / Math.max(1, words.size) >= 0.8
  })
}

function has(quotes: Claim['supports'], quote: Claim['supports'][number]): boolean {
  return quotes.some(
    (one) => one.source === quote.source && one.passage === quote.passage && one.text === quote.text,
  )
}

function valuesOf(text: string): Set<string> {
  return new Set(
    factsOf(text)
      .filter((fact) => fact.kind !== 'name')
      .map((fact) => `${fact.kind} ${fact.unit} ${fact.values.join('|')}`),
  )
}
