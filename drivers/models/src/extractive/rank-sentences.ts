import { type EvidenceIndex, type Fact, isQuotedMail, type Passage, termsOf } from '@infrafabric/evidence'
import { isFiller, isLegalForm } from './filler.ts'
import { type NamedThings, thingsNamed } from './named-things.ts'
import { type Cue, FAINT_WEIGHT, type Facet, isFaint } from './question.ts'
import { cellCount, isRow } from './readable.ts'

/** A sentence or row of the evidence that may answer. */
export interface Candidate {
  passage: Passage
  text: string
  score: number
  /** The part of the source's name that was asked for, as `zod` of `node_modules/zod/README.md`. */
  named: string | undefined
  /** Share of the question's weight that it and its surroundings speak of. */
  coverage: number
}

/** Passages that are looked at for one facet. */
const PASSAGES = 14
/** Files that describe a thing by its name, and how many of their first passages are looked at too. */
const NAMED_DOCUMENTS = 8
const FIRST_PASSAGES = 4
/** Less than this share of the asked words, weighed by rarity, is no evidence. */
export const COVERAGE_LEAST = 0.5
/** A word asked for that stands nowhere counts more than a rare one: what is asked may well be unknown here. */
const UNKNOWN_WEIGHT = 1.15

/** A thing that the question names comes first; what is said of it elsewhere second; and other things far below, */
const NAMED_FACTOR = 1.4
const MENTIONED_FACTOR = 0.8
/** A name must weigh so much of the weightiest word. */
const NAME_LEAST = 0.75
const OTHER_FACTOR = 0.4
/** where even its best words are hardly about the question. */
const OTHER_COVERAGE = 0.55
const PRONOUN_COVERAGE = 0.45
/** A sentence about the thing named that says nothing of what is asked about it. */
const BARE_COVERAGE = 0.5

/** How much each term of a question counts. */
function termWeights(facet: Facet, index: EvidenceIndex): Map<string, number> {
  const rarest = Math.log(1 + index.size / 0.5) * UNKNOWN_WEIGHT
  return new Map(
    facet.terms.map((term) => {
      const weight = index.weight(term) || rarest
      return [term, isFaint(term) ? Math.min(1, weight * FAINT_WEIGHT) : weight]
    }),
  )
}

/** The passages nearest to the question, and the first ones of the files that describe the very thing it names. */
function passagesFor(facet: Facet, things: NamedThings, index: EvidenceIndex): Passage[] {
  const found = new Map<string, Passage>()
  const add = (passage: Passage): void => {
    found.set(`${passage.source} ${passage.passage}`, passage)
  }
  for (const passage of index.search(facet.text, PASSAGES, { diversity: 0.1 })) add(passage)
  for (const source of [...things.sources.keys()].slice(0, NAMED_DOCUMENTS)) {
    for (const passage of index.passagesOf(source).slice(0, FIRST_PASSAGES)) add(passage)
  }
  return [...found.values()]
}

/** Whether the names are what a question turns on: "bytes" may be a package, and in most questions is none. */
function areTelling(things: NamedThings, weights: ReadonlyMap<string, number>): boolean {
  const most = Math.max(...[...weights].map(([term, weight]) => (isFaint(term) ? 0 : weight)))
  return things.terms.some((term) => (weights.get(term) ?? 0) >= most * NAME_LEAST)
}

/** The telling word of most weight. */
function anchorOf(weights: ReadonlyMap<string, number>): string | undefined {
  let anchor: string | undefined
  for (const [term, weight] of weights) {
    if (!isFaint(term) && weight > (weights.get(anchor ?? '') ?? 0)) anchor = term
  }
  return anchor
}

/** The best sentences for a facet, best first. */
export function rankSentences(facet: Facet, whole: Facet, index: EvidenceIndex): Candidate[] {
  const weights = termWeights(facet, index)
  const wholeWeights = termWeights(whole, index)
  const total = sum(weights.values())
  if (total === 0) return []
  // The word that tells most: an answer that never mentions it is about something else.
  const anchor = anchorOf(weights)
  const candidates: Candidate[] = []
  const here = thingsNamed(facet, index)
  const things = here.sources.size > 0 ? here : thingsNamed(whole, index)
  const isAboutThem = areTelling(things, wholeWeights)
  // "…, and who maintains it?" asks of nothing else.
  const isPronoun =
    here.sources.size === 0 && things.sources.size > 0 && /\b(?:it|its|they|them|their)\b/i.test(facet.text)
  const asked = facet.cues.includes('about')
    ? []
    : facet.terms.filter((term) => !things.terms.includes(term) && !isFaint(term))
  const asksLicence = facet.cues.includes('licence')
  const asksPerson = facet.cues.includes('person')
  for (const passage of passagesFor(facet, things, index)) {
    const { headed, terms, sentences } = index.readings.of(passage)
    const named = things.sources.get(passage.source)
    for (const { start, text, terms: own, facts: inside } of sentences) {
      const isLicence = asksLicence && text.length < 80 && inside.some(({ kind }) => kind === 'licence')
      if (!(isReadable(text) || isLicence) || isFiller(text) || isQuotedMail(text, passage.text)) continue
      if (!asksLicence && (isLegalForm(text) || (!asksPerson && /^copyright\b/i.test(text)))) continue
      const lead = leadOf(passage.text, start)
      const around = lead === '' ? headed : new Set([...headed, ...termsOf(lead)])
      // What stands under a heading that asks the same answers it, whatever its own words are.
      const underHeading =
        sum([...weights].map(([term, weight]) => (around.has(term) ? weight : 0))) >= total * 0.6
      let covered = 0
      let score = 0
      for (const [term, weight] of weights) {
        if (own.has(term)) {
          covered += weight
          score += weight
        } else if (around.has(term)) {
          covered += weight
          score += weight * (underHeading ? 0.8 : 0.5)
        } else if (terms.has(term)) {
          covered += weight * 0.6
          score += weight * 0.3
        }
      }
      for (const [term, weight] of wholeWeights)
        if (!weights.has(term) && own.has(term)) score += weight * 0.2
      // Without a word of its own in common a sentence is only a neighbour.
      if (!underHeading && ![...weights.keys()].some((term) => own.has(term))) score *= 0.5
      const answers = cueShare(facet.cues, inside, text, passage.passage)
      const isOther = (isAboutThem || isPronoun) && named === undefined
      const isMentioned =
        isOther &&
        things.terms.every((term) => own.has(term) || headed.has(term)) &&
        facet.terms.some((term) => !things.terms.includes(term) && own.has(term))
      // That a sentence is about the thing named does not make it an answer.
      const isBare =
        named !== undefined &&
        answers === 0 &&
        asked.length > 0 &&
        !asked.some((term) => own.has(term) || around.has(term))
      const isMissing = answers === 0 && facet.cues.some((cue) => HARD.has(cue))
      candidates.push({
        passage,
        text,
        score:
          (score / total) *
          (1 + 0.5 * answers) *
          lengthFactor(text) *
          (isLegalForm(text) && !inside.some(({ kind }) => kind === 'licence') ? 0.6 : 1) *
          (isMissing ? 0.75 : 1) *
          (isRow(text) && text.length < 40 && inside.length === 0 ? 0.6 : 1) *
          (named !== undefined ? NAMED_FACTOR : !isOther ? 1 : isMentioned ? MENTIONED_FACTOR : OTHER_FACTOR),
        named: named === '' ? undefined : named,
        // Words without the kind of answer that was asked for must be more than half the question's.
        coverage:
          (covered / total) *
          (isMissing ? 0.65 : 1) *
          (isBare ? BARE_COVERAGE : 1) *
          (isOther && !isMentioned ? (isPronoun ? PRONOUN_COVERAGE : OTHER_COVERAGE) : 1) *
          (anchor === undefined || around.has(anchor) || terms.has(anchor) ? 1 : 0.75),
      })
    }
  }
  return candidates.sort((a, b) => b.score - a.score)
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}

/** The line that introduces the list item at `start`; empty for anything else. */
function leadOf(text: string, start: number): string {
  const lines = text.slice(0, start).split('\n')
  if (!lines.at(-1)?.startsWith('- ')) return ''
  const lead = lines.findLast((line) => line.trim() !== '' && !line.startsWith('- ')) ?? ''
  return lead.length <= 160 ? lead : ''
}

/** Whole sentences and rows a person can read; no questions, greetings, rules and bare labels. */
export function isReadable(text: string): boolean {
  if (text.length < 12 || text.length > 1200) return false
  if (/\?["')»”]*$/.test(text)) return false
  if (isRow(text) || /^copyright .*\p{Lu}\p{Ll}/iu.test(text)) return true
  // "Port Valmeron, 14 MAR 2024" says nothing.
  return (text.match(/(?<![\p{L}\d])\p{Ll}{2,}/gu)?.length ?? 0) >= (text.includes('; ') ? 3 : 2)
}

function lengthFactor(text: string): number {
  // A line of a log holds much and says little by itself.
  if (isRow(text)) return cellCount(text) >= 4 ? 0.7 : 0.9
  if (text.length < 40) return 0.85
  return text.length > 320 ? 0.8 : 1
}

/** Kinds of answer that a sentence either holds or does not. */
const HARD: ReadonlySet<Cue> = new Set(['date', 'money', 'count', 'licence', 'person'])
const DUTY =
  /\b(?:must|shall|should|has to|have to|need(?:s|ed)? to|to be|required|not later than|within|before)\b/i
const TROUBLE =
  /\b(?:not|dead|fail\w*|broken|corroded|worn|leak\w*|seep\w*|expired|defect\w*|damage\w*|chafed|lifting|cracked|missing|out of (?:date|service|order)|replace\w*|repair\w*|wrong|torn)\b/i

/** How much of what the question's kind asks for the sentence holds, 0 to 1. */
function cueShare(cues: readonly Cue[], facts: readonly Fact[], text: string, passage: number): number {
  if (cues.length === 0) return 0
  const met = cues.filter((cue) => {
    switch (cue) {
      case 'date':
        return facts.some((fact) => fact.kind === 'date')
      case 'money':
        return facts.some((fact) => /^[A-Z]{3}$/.test(fact.unit))
      case 'count':
        return facts.some((fact) => fact.kind === 'figure' && !fact.naming)
      case 'person':
        return facts.some((fact) => fact.kind === 'name') || /copyright (?:\(c\)|©|\d{4}|\p{Lu})/iu.test(text)
      case 'place':
        return (
          facts.some((fact) => fact.kind === 'name' || fact.kind === 'identifier') ||
          /\b(?:at|in|on|behind|under) \p{L}/u.test(text)
        )
      case 'licence':
        return facts.some((fact) => fact.kind === 'licence') || /copyright \(c\)|©/i.test(text)
      case 'about':
        return passage <= 1
      case 'duty':
        return DUTY.test(text)
      case 'trouble':
        return TROUBLE.test(text)
      default:
        return false
    }
  })
  return met.length / cues.length
}
