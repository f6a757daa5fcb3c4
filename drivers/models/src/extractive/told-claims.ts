import { type Claim, factsOf, termsOf } from '@infrafabric/evidence'

interface Told {
  claim: Claim
  words: ReadonlySet<string>
  values: ReadonlySet<string>
}

/** Claims that each say something the earlier ones do not. */
export class ToldClaims {
  readonly claims: Claim[] = []
  readonly #told: Told[] = []

  /** Whether it was taken: false for a repetition, and for none. */
  add(claim: Claim | undefined): boolean {
    if (claim === undefined) return false
    const words = new Set(termsOf(claim.text))
    const told: Told = { claim, words, values: valuesOf(claim.text) }
    if (this.#told.some((earlier) => repeats(told, earlier))) return false
    this.#told.push(told)
    this.claims.push(claim)
    return true
  }
}

function repeats({ claim, words, values }: Told, earlier: Told): boolean {
  const own = claim.supports[0]
  const other = earlier.claim
  if (other.text === claim.text) return true
  // The other side of a dispute is told there.
  if (other.contradicts.some((quote) => quote.source === own?.source && quote.text === own.text)) return true
  if (claim.contradicts.length > 0 && claim.contradicts.every((quote) => has(other.contradicts, quote)))
    return true
  for (const value of values) if (!earlier.values.has(value)) return false
  if (claim.supports.some((quote) => has(other.supports, quote)))
    return values.size > 0 || other.supports[0]?.text === own?.text
  let shared = 0
  for (const word of words) if (earlier.words.has(word)) shared += 1
  return shared / Math.max(1, words.size) >= 0.8
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
