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
import { ToldClaims } from './told-claims.ts'

interface Judged {
  claim: Claim
  status: CitationStatus
}

const CLAIMS_MOST = 200
/** A digest is read at one sitting; everything else stands with its question. */
const CONFIRMED_MOST = 12
/** Statements of one source are told only where little is confirmed. */
const TOLD_MOST = 8
const DATES_MOST = 15
const SOURCES_NAMED = 2
const TEXT_MOST = 300

/**
 * Draws the tasks' results together: what is agreed, disputed, said once, unanswered, and the dates in order. Inputs are
 * other agents' words: they are sorted and counted here by their evidence, and no sentence is added to them.
 */
export function synthesise(brief: Brief, index: EvidenceIndex): Outcome {
  const judged: Judged[] = []
  const kept = new ToldClaims()
  for (const claim of inTurn(brief.inputs.map(({ outcome }) => outcome?.claims ?? []))) {
    if (kept.claims.length >= CLAIMS_MOST) break
    if (!kept.add(claim)) continue
    judged.push({ claim, status: assess(claim, index.passage, index.readings).status })
  }
  const of = (status: CitationStatus): Claim[] =>
    judged.filter((one) => one.status === status).map((one) => one.claim)
  const told = (claim: Claim): string[] => [`- ${oneLine(claim.text)} (${sourcesOf(claim.supports, index)})`]
  const disputes = withoutMirrors(of('disputed'))
  const confirmed = of('verified')
  const single = of('provisional')
  const singleMost = Math.max(0, TOLD_MOST - Math.min(confirmed.length, CONFIRMED_MOST))
  const sections = [
    section('The sources disagree', disputes, (claim) => [
      ...told(claim),
      ...claim.contradicts.map(
        (quote) => `  - against it: ${oneLine(quote.text)} (${sourcesOf([quote], index)})`,
      ),
    ]),
    section('Confirmed by two or more sources', confirmed, told, CONFIRMED_MOST),
    section('Said by one source', singleMost > 0 ? single : [], told, singleMost),
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

function section<T>(
  title: string,
  items: readonly T[],
  lines: (item: T) => string[],
  most = Number.POSITIVE_INFINITY,
): string {
  if (items.length === 0) return ''
  const shown = items.slice(0, most).flatMap(lines)
  const rest = items.length - Math.min(items.length, most)
  if (rest > 0) shown.push(`- and ${rest} more, with their questions below`)
  return `## ${title}\n\n${shown.join('\n')}`
}

/** The first of each list, then the second of each, and so on: every question has its say. */
function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat()
}

/** Two sides of one dispute are told once. */
function withoutMirrors(disputed: readonly Claim[]): Claim[] {
  const told = new Set<string>()
  const name = ({ source, passage, text }: Quote): string => `${source} ${passage} ${text}`
  return disputed.filter((claim) => {
    const known = claim.supports.some((quote) => told.has(name(quote)))
    for (const quote of known ? [] : [...claim.supports, ...claim.contradicts]) told.add(name(quote))
    return !known
  })
}

function sourcesOf(quotes: readonly Quote[], index: EvidenceIndex): string {
  const names = namesOf(quotes, index)
  const more = names.length > SOURCES_NAMED ? ` and ${names.length - SOURCES_NAMED} more` : ''
  return `${names.slice(0, SOURCES_NAMED).join(', ')}${more}`
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
    .filter(({ claim }) => !isRow(claim.text))
    .flatMap(({ claim, status }) => {
      const dates = factsOf(claim.text).filter((fact) => fact.kind === 'date' && fact.values.length === 1)
      // A sentence of a log or letter with many dates is in order only by itself.
      const date = dates.length <= 2 ? dates.at(-1)?.values[0] : undefined
      if (date === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(date)) return []
      return [{ date, text: oneLine(claim.text) + (status === 'disputed' ? ' (disputed)' : '') }]
    })
  return dated.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0)).slice(-DATES_MOST)
}

/** A line of a log or table: `column: value; column: value; column: value`. */
function isRow(text: string): boolean {
  return /^[^:;]{1,60}: [^;]*(; [^:;]{1,60}: [^;]*){2,}/.test(text)
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > TEXT_MOST ? `${line.slice(0, TEXT_MOST)}…` : line
}
