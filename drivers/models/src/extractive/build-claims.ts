import {
  assess,
  type Claim,
  type EvidenceIndex,
  factsOf,
  findRelated,
  type Quote,
  type RelatedOptions,
  termsOf,
} from '@infrafabric/evidence'
import type { Candidate } from './rank-sentences.ts'

export interface BuiltClaim {
  claim: Claim
  /** Where it was found. */
  candidate: Candidate
}

const RANK = { disputed: 3, verified: 2, provisional: 1, unverified: 0, missing: 0 } as const

/** A claim in the evidence's own words, with every source that states or contradicts it. */
export function buildClaim(
  candidate: Candidate,
  index: EvidenceIndex,
  statements: RelatedOptions['statements'],
): BuiltClaim {
  const own: Quote = {
    source: candidate.passage.source,
    passage: candidate.passage.passage,
    text: candidate.text,
  }
  const search = (query: string, limit: number) => index.search(query, limit, { diversity: 0 })
  const options: RelatedOptions = {
    weight: (term) => index.weight(term),
    ...(statements === undefined ? {} : { statements }),
  }
  const related = findRelated({ text: candidate.text, supports: [own] }, search, options)
  const supports = [own, ...related.filter((one) => one.relation === 'same').map((one) => one.quote)]
  const contradicts = related.filter((one) => one.relation === 'different').map((one) => one.quote)
  const first: Claim = { text: readable(candidate.text), supports, contradicts }
  const lookup = index.passage
  const found = assess(first, lookup)
  if (found.status !== 'provisional' && found.status !== 'unverified')
    return { claim: pruned(first, lookup), candidate }
  // The same fact said with fewer extras may be confirmed where the longer sentence is not.
  let best: { claim: Claim; rank: number } = { claim: first, rank: RANK[found.status] }
  for (const quote of supports.slice(1, 6)) {
    if (quote.text.length > 400) continue
    const claim: Claim = {
      text: readable(quote.text),
      supports: [quote, ...supports.filter((one) => one !== quote)],
      contradicts,
    }
    const rank = RANK[assess(claim, lookup).status]
    if (rank > best.rank && rank < 3 && sharesWords(candidate.text, quote.text)) best = { claim, rank }
  }
  return { claim: pruned(best.claim, lookup), candidate }
}

/** Only quotes that count: what the assessment would ignore is left out from the start. */
function pruned(claim: Claim, lookup: Parameters<typeof assess>[1]): Claim {
  const { counted } = assess(claim, lookup)
  const kept = (quote: Quote): boolean => counted.some((one) => one.quote === quote)
  const supports = claim.supports.filter(kept)
  return {
    text: claim.text,
    supports: supports.length === 0 ? claim.supports.slice(0, 1) : supports,
    contradicts: claim.contradicts.filter(kept),
  }
}

function sharesWords(one: string, other: string): boolean {
  const words = new Set(termsOf(one))
  return termsOf(other).filter((word) => words.has(word)).length >= 2
}

/** Without Markdown's emphasis and link targets, which mean nothing outside their page. */
export function readable(text: string): string {
  return text
    .replace(/\[([^\]]{1,200})\]\([^)]{0,500}\)/g, '$1')
    .replace(/(\*\*|__|`)(?=\S)([^*_`]{1,300}?)(?<=\S)\1/g, '$2')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Whether a claim says nothing that an earlier one does not. */
export function isRepetition(claim: Claim, earlier: readonly Claim[]): boolean {
  const words = new Set(termsOf(claim.text))
  const values = valuesOf(claim.text)
  return earlier.some((other) => {
    if (other.text === claim.text) return true
    if (
      other.supports.some((quote) =>
        claim.supports.some(
          (own) => own.text === quote.text && own.source === quote.source && own.passage === quote.passage,
        ),
      )
    ) {
      // Quoting the same sentence is the same claim unless it adds a value.
      const theirs = new Set([...valuesOf(other.text)])
      return [...values].every((value) => theirs.has(value))
    }
    const theirs = new Set(termsOf(other.text))
    const shared = [...words].filter((word) => theirs.has(word)).length
    return (
      shared / Math.max(1, words.size) >= 0.8 && [...values].every((value) => valuesOf(other.text).has(value))
    )
  })
}

function valuesOf(text: string): Set<string> {
  return new Set(
    factsOf(text)
      .filter((fact) => fact.kind !== 'name')
      .map((fact) => `${fact.kind} ${fact.unit} ${fact.values.join('|')}`),
  )
}
