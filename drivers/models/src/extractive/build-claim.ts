import {
  assess,
  type Claim,
  type EvidenceIndex,
  findRelated,
  type Quote,
  type RelatedOptions,
  termsOf,
} from '@infrafabric/evidence'
import type { Candidate } from './rank-sentences.ts'
import { isRow, readableInContext } from './readable.ts'

const RANK = { disputed: 3, verified: 2, provisional: 1, unverified: 0, missing: 0 } as const
/** Other wordings of the same fact that are tried as the claim's text. */
const WORDINGS = 6

/** A claim in the evidence's own words, with every source that states or contradicts it. */
export function buildClaim(
  candidate: Candidate,
  index: EvidenceIndex,
  statements: NonNullable<RelatedOptions['statements']>,
): Claim {
  const own: Quote = {
    source: candidate.passage.source,
    passage: candidate.passage.passage,
    text: candidate.text,
  }
  const related = findRelated(
    { text: candidate.text, supports: [own] },
    (query, limit) => index.search(query, limit, { diversity: 0 }),
    { weight: (term) => index.weight(term), statements, headings: candidate.passage.headings },
  )
  const supports = [own, ...related.filter((one) => one.relation === 'same').map((one) => one.quote)]
  const contradicts = related.filter((one) => one.relation === 'different').map((one) => one.quote)
  const first: Claim = {
    text: withName(readableInContext(candidate.text, candidate.passage), candidate),
    supports,
    contradicts,
  }
  const counting = new Set(assess(first, index.passage).counted.map((one) => one.quote))
  let best: Claim | undefined
  let bestValue = -1
  // The same fact said with fewer extras may be confirmed where the longer sentence is not; prose reads better than a row.
  for (const quote of supports.slice(0, WORDINGS)) {
    if (
      quote !== own &&
      (!counting.has(quote) ||
        quote.text.length > 320 ||
        !sharesWords([candidate.text, ...candidate.passage.headings].join('\n'), quote.text))
    )
      continue
    const passage = index.passage(quote.source, quote.passage)
    if (passage === undefined) continue
    const claim: Claim = {
      text: withName(readableInContext(quote.text, passage), candidate),
      supports: [quote, ...supports.filter((one) => one !== quote)],
      contradicts,
    }
    const { status } = assess(claim, index.passage)
    // Another's words are taken only for what they add.
    const value =
      RANK[status === 'disputed' && quote !== own ? 'provisional' : status] + (isRow(quote.text) ? 0 : 0.5)
    if (value > bestValue) {
      best = claim
      bestValue = value
    }
  }
  return counted(best ?? { text: candidate.text, supports: [own], contradicts: [] }, index)
}

/** Only the quotes that count: what the assessment would ignore is left out from the start. */
function counted(claim: Claim, index: EvidenceIndex): Claim {
  const kept = new Set(assess(claim, index.passage).counted.map((one) => one.quote))
  const supports = claim.supports.filter((quote) => kept.has(quote))
  return {
    text: claim.text,
    supports: supports.length === 0 ? claim.supports.slice(0, 1) : supports,
    contradicts: claim.contradicts.filter((quote) => kept.has(quote)),
  }
}

/** A claim of a source that is itself what was asked about says so: `zod: license: MIT`. */
function withName(text: string, candidate: Candidate): string {
  const { named } = candidate
  return named === undefined || text.toLowerCase().includes(named.toLowerCase()) ? text : `${named}: ${text}`
}

function sharesWords(one: string, other: string): boolean {
  const words = new Set(termsOf(one))
  return termsOf(other).filter((word) => words.has(word)).length >= 2
}
