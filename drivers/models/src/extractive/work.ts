import { type Claim, type EvidenceIndex, factsOf, sentencesOf } from '@infrafabric/evidence'
import type { Brief } from '@infrafabric/ports'
import type { Outcome } from '@infrafabric/session'
import { buildClaim } from './build-claim.ts'
import { digestOf } from './digest.ts'
import { isFiller } from './filler.ts'
import { facetsOf } from './question.ts'
import { type Candidate, COVERAGE_LEAST, isReadable, rankSentences } from './rank-sentences.ts'
import { cellCount, isRow } from './readable.ts'
import { ToldClaims } from './told-claims.ts'

/** Claims of a question that asks one thing, and of one that asks many. */
const CLAIMS_LEAST = 6
const CLAIMS_MOST = 12
/** Relative to the best sentence of its facet. */
const SCORE_LEAST = 0.6
/** A log or price list has many rows that look alike: the best two of a source are enough. */
const ROWS_OF_A_SOURCE = 2
/** Rows are told where sentences leave room in so many claims. */
const ROWS_BESIDE = 4
const NEIGHBOURS_OF_THE_BEST = 3

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
  const [rows, sentences] = parted(lists)
  for (const candidate of inTurns(sentences)) {
    if (told.claims.length >= claimsMost) break
    if (!told.add(buildClaim(candidate, index))) continue
    chosen.push(candidate)
    await breathe()
    // What the best sentence of all means in detail stands beside it, in words that nobody asked for.
    if (chosen.length > 1) continue
    for (const near of neighbours(chosen)) {
      if (told.claims.length > claimsMost / 3) break
      told.add(buildClaim(near, index))
    }
  }
  for (const candidate of neighbours(chosen)) {
    if (told.claims.length >= claimsMost) break
    told.add(buildClaim(candidate, index))
    await breathe()
  }
  for (const candidate of inTurns(rows)) {
    if (told.claims.length >= ROWS_BESIDE) break
    told.add(buildClaim(candidate, index))
    await breathe()
  }
  const claims = rowsLast(told.claims)
  return { answer: digestOf(claims, index), claims }
}

/** A line of a log or table is read where no sentence says it. */
function rowsLast(claims: readonly Claim[]): Claim[] {
  const isTable = (claim: Claim): boolean => isTableRow(claim.text)
  return [...claims.filter((claim) => !isTable(claim)), ...claims.filter(isTable)]
}

/** Lines of tables, and all else. */
function parted(lists: readonly Candidate[][]): [rows: Candidate[][], sentences: Candidate[][]] {
  return [true, false].map((rows) =>
    lists.map((list) => list.filter(({ text }) => isTableRow(text) === rows)),
  ) as [Candidate[][], Candidate[][]]
}

function isTableRow(text: string): boolean {
  return isRow(text) && cellCount(text) > 2
}

/**
 * The other sentences of a chosen one's paragraph that give a figure or a date, nearest first: what it means in detail.
 * Of the best one's paragraph all, of others those right after and before.
 */
function* neighbours(chosen: readonly Candidate[]): Generator<Candidate> {
  for (const [rank, candidate] of chosen.entries()) {
    const { text } = candidate.passage
    const paragraph = text.split('\n').find((line) => line.includes(candidate.text)) ?? ''
    if (isRow(paragraph)) continue
    const sentences = sentencesOf(paragraph).map(({ start, end }) => paragraph.slice(start, end))
    const at = sentences.indexOf(candidate.text)
    const reach = rank === 0 ? NEIGHBOURS_OF_THE_BEST : 1
    for (let away = 1; away <= reach; away++) {
      for (const near of [sentences[at + away], sentences[at - away]]) {
        if (
          near === undefined ||
          !isReadable(near) ||
          isFiller(near) ||
          factsOf(near).every(({ kind }) => kind !== 'date' && kind !== 'figure')
        )
          continue
        yield { ...candidate, text: near }
      }
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
