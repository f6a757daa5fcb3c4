import type { Claim, EvidenceIndex, RelatedOptions } from '@infrafabric/evidence'
import type { Brief } from '@infrafabric/ports'
import type { Outcome } from '@infrafabric/session'
import { buildClaim, isRepetition } from './build-claims.ts'
import { digestOf } from './digest.ts'
import { facetsOf } from './question.ts'
import { type Candidate, COVERAGE_LEAST, rankSentences } from './rank-sentences.ts'

/** Claims of a question that asks one thing, and of one that asks many. */
const CLAIMS_LEAST = 5
const CLAIMS_MOST = 12
/** Relative to the best sentence of its facet. */
const SCORE_LEAST = 0.55

/** Answers a question from the evidence, or with nothing when the evidence does not speak of it. */
export async function work(
  brief: Brief,
  index: EvidenceIndex,
  breathe: () => Promise<void>,
): Promise<Outcome> {
  const lists = await candidatesFor(brief.question, index, breathe)
  const claimsMost = Math.min(CLAIMS_MOST, CLAIMS_LEAST + 2 * Math.max(0, lists.length - 1))
  const statements: NonNullable<RelatedOptions['statements']> = new Map()
  const claims: Claim[] = []
  const tried = new Set<string>()
  // In turns, so that each thing asked gets its best answer before any gets its second.
  for (let round = 0; claims.length < claimsMost && lists.some((list) => round < list.length); round++) {
    for (const list of lists) {
      const candidate = list[round]
      if (candidate === undefined || claims.length >= claimsMost) continue
      const key = `${candidate.passage.source} ${candidate.passage.passage} ${candidate.text}`
      if (tried.has(key)) continue
      tried.add(key)
      const { claim } = buildClaim(candidate, index, statements)
      if (!isRepetition(claim, claims)) claims.push(claim)
      await breathe()
    }
  }
  return { answer: digestOf(claims, index), claims }
}

async function candidatesFor(
  question: string,
  index: EvidenceIndex,
  breathe: () => Promise<void>,
): Promise<Candidate[][]> {
  const facets = facetsOf(question)
  const whole = facets[0]
  if (whole === undefined) return []
  const lists: Candidate[][] = []
  for (const facet of facets) {
    const ranked = rankSentences(facet, whole, index)
    await breathe()
    const best = ranked[0]
    if (best === undefined || !ranked.some((one) => one.coverage >= COVERAGE_LEAST)) continue
    const list = ranked
      .filter((one) => one.coverage >= COVERAGE_LEAST && one.score >= best.score * SCORE_LEAST)
      .slice(0, 8)
    if (list.length > 0) lists.push(list)
  }
  return lists
}
