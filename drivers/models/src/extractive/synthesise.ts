import {
  assess,
  type CitationStatus,
  type Claim,
  type EvidenceIndex,
  factsOf,
  type Quote,
} from '@infrafabric/evidence'
import type { Brief } from '@infrafabric/ports'
import type { Outcome } from '@infrafabric/session'
import { isRepetition } from './repetition.ts'

interface Judged {
  claim: Claim
  status: CitationStatus
}

const CLAIMS_MOST = 200
const DATES_MOST = 20
const TEXT_MOST = 500

/**
 * Draws the tasks' results together: what is agreed, disputed, said once, unanswered, and the dates in order. Inputs are
 * other agents' words: they are sorted and counted here by their evidence, and no sentence is added to them.
 */
export function synthesise(brief: Brief, index: EvidenceIndex): Outcome {
  const judged: Judged[] = []
  const kept: Claim[] = []
  for (const { outcome } of brief.inputs) {
    for (const claim of outcome?.claims ?? []) {
      if (kept.length >= CLAIMS_MOST || isRepetition(claim, kept)) continue
      kept.push(claim)
      judged.push({ claim, status: assess(claim, index.passage).status })
    }
  }
  const of = (status: CitationStatus): Claim[] =>
    judged.filter((one) => one.status === status).map((one) => one.claim)
  const sourcesOf = (quotes: readonly Quote[]): string => namesOf(quotes, index).join(', ')
  const sections = [
    section('The sources disagree', of('disputed'), (claim) => [
      `- ${oneLine(claim.text)} (${sourcesOf(claim.supports)})`,
      ...claim.contradicts.map((quote) => `  - against it: ${oneLine(quote.text)} (${sourcesOf([quote])})`),
    ]),
    section('Confirmed by two or more sources', of('verified'), (claim) => [
      `- ${oneLine(claim.text)} (${sourcesOf(claim.supports)})`,
    ]),
    section('Said by one source', of('provisional'), (claim) => [
      `- ${oneLine(claim.text)} (${sourcesOf(claim.supports)})`,
    ]),
    section('Stated without matching evidence', [...of('unverified'), ...of('missing')], (claim) => [
      `- ${oneLine(claim.text)}`,
    ]),
    section('Dates, in order', datesIn(judged), ({ date, text }) => [`- ${date}: ${text}`]),
    section(
      'No evidence was found for',
      brief.inputs.filter(({ outcome }) => outcome !== null && isEmpty(outcome)),
      ({ question }) => [`- ${oneLine(question)}`],
    ),
    section(
      'Tasks that failed',
      brief.inputs.filter(({ outcome }) => outcome === null),
      ({ question }) => [`- ${oneLine(question)}`],
    ),
  ]
  const order: CitationStatus[] = ['disputed', 'verified', 'provisional', 'unverified', 'missing']
  return {
    answer: sections.filter((text) => text !== '').join('\n\n'),
    claims: order.flatMap(of),
  }
}

function section<T>(title: string, items: readonly T[], lines: (item: T) => string[]): string {
  return items.length === 0 ? '' : `## ${title}\n\n${items.flatMap(lines).join('\n')}`
}

function isEmpty(outcome: Outcome): boolean {
  return outcome.claims.length === 0 && outcome.answer.trim() === '' && outcome.data === undefined
}

function namesOf(quotes: readonly Quote[], index: EvidenceIndex): string[] {
  return [...new Set(quotes.flatMap((quote) => index.passage(quote.source, quote.passage)?.name ?? []))]
}

/** Full dates of claims that evidence bears out, earliest first. */
function datesIn(judged: readonly Judged[]): { date: string; text: string }[] {
  const dated = judged
    .filter(({ status }) => status === 'verified' || status === 'provisional' || status === 'disputed')
    .flatMap(({ claim, status }) => {
      const dates = factsOf(claim.text).filter((fact) => fact.kind === 'date' && fact.values.length === 1)
      // A sentence of a log or letter with many dates is in order only by itself.
      const date = dates.length <= 2 ? dates.at(-1)?.values[0] : undefined
      if (date === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(date)) return []
      return [{ date, text: oneLine(claim.text) + (status === 'disputed' ? ' (disputed)' : '') }]
    })
  return dated.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0)).slice(-DATES_MOST)
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > TEXT_MOST ? `${line.slice(0, TEXT_MOST)}…` : line
}
