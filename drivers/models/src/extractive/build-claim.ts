import {
  type Assessment,
  assess,
  type Claim,
  type EvidenceIndex,
  findRelated,
  type Passage,
  type Quote,
  termsOf,
} from '@infrafabric/evidence'
import type { Candidate } from './rank-sentences.ts'
import { isRow, readableInContext } from './readable.ts'

const RANK = { disputed: 3, verified: 2, provisional: 1, unverified: 0, missing: 0 } as const
/** Other wordings of the same fact that are tried as the claim's text. */
const WORDINGS = 6

/**
 * A claim in the evidence's own words, with every source that states or contradicts it. Nothing when its words are too
 * few to stand for themselves.
 */
export function buildClaim(candidate: Candidate, index: EvidenceIndex): Claim | undefined {
  const own: Quote = {
    source: candidate.passage.source,
    passage: candidate.passage.passage,
    text: candidate.text,
  }
  const related = findRelated(
    { text: candidate.text, supports: [own] },
    (query, limit) => index.search(query, limit, { diversity: 0 }),
    {
      weight: (term) => index.weight(term),
      readings: index.readings,
      headings: candidate.passage.headings,
    },
  )
  const supports = [own, ...related.filter((one) => one.relation === 'same').map((one) => one.quote)]
  const contradicts = related.filter((one) => one.relation === 'different').map((one) => one.quote)
  const judged = (quote: Quote, passage: Passage): Judged => {
    const claim: Claim = {
      text: withName(readableInContext(quote.text, passage), candidate),
      supports: [quote, ...supports.filter((one) => one !== quote)],
      contradicts,
    }
    return { claim, assessment: assess(claim, index.passage, index.readings) }
  }
  const first = judged(own, candidate.passage)
  let best = first
  let bestValue = worthOf(first, own, own)
  // The same fact said with fewer extras may be confirmed where the longer sentence is not; prose reads better than a row.
  const counting = new Set(first.assessment.counted.map((one) => one.quote))
  const mine = [candidate.text, ...candidate.passage.headings].join('\n')
  for (const quote of supports.slice(1, WORDINGS)) {
    if (!counting.has(quote) || quote.text.length > 320 || !sharesWords(mine, quote.text)) continue
    const passage = index.passage(quote.source, quote.passage)
    if (passage === undefined) continue
    const other = judged(quote, passage)
    const value = worthOf(other, quote, own)
    if (value > bestValue) {
      best = other
      bestValue = value
    }
  }
  return RANK[best.assessment.status] === 0 ? undefined : counted(best)
}

interface Judged {
  claim: Claim
  assessment: Assessment
}

/** Another's words are taken only for what they add. */
function worthOf({ assessment: { status } }: Judged, quote: Quote, own: Quote): number {
  return RANK[status === 'disputed' && quote !== own ? 'provisional' : status] + (isRow(quote.text) ? 0 : 0.5)
}

/** Only the quotes that count: what the assessment would ignore is left out from the start. */
function counted({ claim, assessment }: Judged): Claim {
  const kept = new Set(assessment.counted.map((one) => one.quote))
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
