import { type EvidenceIndex, factsOf, sentencesOf } from '@infrafabric/evidence'
import type { Brief } from '@infrafabric/ports'
import type { Outcome } from '@infrafabric/session'
import { buildClaim } from './build-claim.ts'
import { digestOf } from './digest.ts'
import { facetsOf } from './question.ts'
import { type Candidate, COVERAGE_LEAST, isReadable, rankSentences } from './rank-sentences.ts'
import { isRow } from './readable.ts'
import { ToldClaims } from './told-claims.ts'

/** Claims of a question that asks one thing, and of one that asks many. */
const CLAIMS_LEAST = 6
const CLAIMS_MOST = 12
/** Relative to the best sentence of its facet. */
const SCORE_LEAST = 0.6
/** A log or price list has many rows that look alike: the best two of a source are enough. */
const ROWS_OF_A_SOURCE = 2

/** Answers a question from the evidence, or with nothing when the evidence does not speak of it. */
export async function work(
  brief: Brief,
  index: EvidenceIndex,
  breathe: () => Promise<void>,
): Promise<Outcome> {
  const lists = await candidatesFor(brief.question, index, breathe)
  const claimsMost = Math.min(CLAIMS_MOST, CLAIMS_LEAST + 2 * Math.max(0, lists.length - 1))
  const told = new ToldClaims()
  const chosen: Candidate[] = []
  for (const candidate of inTurns(lists)) {
    if (told.claims.length >= claimsMost) break
    if (told.add(buildClaim(candidate, index))) chosen.push(candidate)
    await breathe()
  }
  for (const candidate of neighbours(chosen)) {
    if (told.claims.length >= claimsMost) break
    told.add(buildClaim(candidate, index))
    await breathe()
  }
  return { answer: digestOf(told.claims, index), claims: [...told.claims] }
}

/** The sentences before and after a chosen one in its paragraph, when they give a figure or a date: what it means in detail. */
function* neighbours(chosen: readonly Candidate[]): Generator<Candidate> {
  for (const candidate of chosen) {
    const { text } = candidate.passage
    const paragraph = text.split('\n').find((line) => line.includes(candidate.text)) ?? ''
    if (isRow(paragraph)) continue
    const sentences = sentencesOf(paragraph).map(({ start, end }) => paragraph.slice(start, end))
    const at = sentences.indexOf(candidate.text)
    for (const near of [sentences[at + 1], sentences[at - 1]]) {
      if (
        near === undefined ||
        !isReadable(near) ||
        factsOf(near).every(({ kind }) => kind !== 'date' && kind !== 'figure')
      )
        continue
      yield { ...candidate, text: near }
    }
  }
}

/** Each thing asked gets its best answer before any gets its second. */
function* inTurns(lists: readonly Candidate[][]): Generator<Candidate> {
  const seen = new Set<string>()
  const rowsOf = new Map<string, number>()
  for (let round = 0; lists.some((list) => round < list.length); round++) {
    for (const list of lists) {
      const candidate = list[round]
      if (candidate === undefined) continue
      const { source, passage } = candidate.passage
      const key = `${source} ${passage} ${candidate.text}`
      const rows = rowsOf.get(source) ?? 0
      if (seen.has(key) || (isRow(candidate.text) && rows >= ROWS_OF_A_SOURCE)) continue
      seen.add(key)
      if (isRow(candidate.text)) rowsOf.set(source, rows + 1)
      yield candidate
    }
  }
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
    const ranked = rankSentences(facet, whole, index).filter((one) => one.coverage >= COVERAGE_LEAST)
    await breathe()
    const best = ranked[0]?.score ?? 0
    const list = ranked.filter((one) => one.score >= best * SCORE_LEAST).slice(0, 8)
    if (list.length > 0) lists.push(list)
  }
  return lists
}
