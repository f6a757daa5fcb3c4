import {
  compareValues,
  type Overlap,
  overlapOf,
  qualifiersEqual,
  qualifiersFit,
  rolesFit,
  shareOf,
} from './compare.ts'
import type { Passage } from './document.ts'
import { type Fact, valuesOf } from './facts.ts'
import { isTelling } from './keys.ts'
import { namedKinds, namedThings, namesClash } from './named.ts'

import { termsOf } from './words.ts'

/** A fact with what is known about the place it stands in. */
export interface Statement {
  fact: Fact
  /** The sentence or row. */
  sentence: string
  /** All values of that sentence. */
  beside: readonly Fact[]
  /** Content words of its subject, and of the subject's own clause. */
  terms: readonly string[]
  near: readonly string[]
  /** What its sentence calls things, as in `engine=meridian`. */
  named: ReadonlySet<string>
  context: Context
}

/** What the surroundings of a statement say. */
export interface Context {
  /** Terms of the passage, its headings and its source's name. */
  terms: ReadonlySet<string>
  /** What the passage is about, as in `vessel=meridian`. */
  kinds: ReadonlySet<string>
  /** Terms of the headings; of a claim: those its first quote stands under. */
  headings: readonly string[]
}

/** A claim's context: its own words, and the headings of its first quote. */
export function contextOfClaim(text: string, headings: readonly string[]): Context {
  return {
    terms: new Set(termsOf(text)),
    kinds: namedKinds(text),
    headings: [...new Set(termsOf(headings.join('\n')))],
  }
}

export function contextOf(passage: Passage): Context {
  const around = [passage.text, ...passage.headings, passage.name].join('\n')
  return {
    terms: new Set(termsOf(around)),
    kinds: namedKinds(around),
    headings: termsOf(passage.headings.join('\n')),
  }
}

/** All statements of a text, which is a passage's text or a claim; names state nothing that is compared. */
export function statementsOf(text: string, context: Context, around: string = text): Statement[] {
  return statementsFrom(valuesOf(text, around), text, context)
}

export function statementsFrom(values: readonly Fact[], text: string, context: Context): Statement[] {
  const bySentence = new Map<number, Fact[]>()
  for (const fact of values) {
    const beside = bySentence.get(fact.subject.sentence.start)
    if (beside === undefined) bySentence.set(fact.subject.sentence.start, [fact])
    else beside.push(fact)
  }
  return [...bySentence.values()].flatMap((beside) => {
    const { start, end } = beside[0]?.subject.sentence ?? { start: 0, end: 0 }
    const sentence = text.slice(start, end)
    const named = namedThings(sentence)
    return beside.map((fact) => ({
      fact,
      sentence,
      beside,
      terms: content(fact.subject.terms),
      near: content(fact.subject.near),
      named,
      context,
    }))
  })
}

export type Verdict = 'states' | 'contradicts' | 'other-value' | 'other-subject' | 'negated'

const evenly = (): number => 1

/** How much of the subjects' weight must be common before a different value is a contradiction. */
const SAME_SUBJECT = 0.5
/** So much of the shorter clause's words, */
const SAME_CLAUSE = 0.6
/** and so much of each side's. */
const OF_EACH = 0.3

/**
 * What a statement of the evidence says about a claim's. `weight` tells rare words from common ones, when an index
 * is at hand; a status never depends on it.
 */
function judge(claim: Statement, evidence: Statement, weight: (term: string) => number = evenly): Verdict {
  const relation = compareValues(claim.fact, evidence.fact)
  if (relation === 'unclear') return 'other-value'
  const [mine, theirs] = [claim.fact.subject, evidence.fact.subject]
  if (!qualifiersFit(mine.qualifiers, theirs.qualifiers)) return 'other-subject'
  if (!rolesFit(claim.fact, evidence.fact)) return 'other-subject'
  if (namesClash(claim.named, evidence.named)) return 'other-subject'
  if (namesClash(claim.context.kinds, evidence.context.kinds)) return 'other-subject'
  if (siblingsClash(claim, evidence)) return 'other-subject'
  const overlap = overlapOf(claim.terms, evidence.terms, weight)
  if (relation === 'different') return isSameSubject(claim, evidence, overlap) ? 'contradicts' : 'other-value'
  if (mine.negated !== theirs.negated && overlap.share >= 0.6) return 'negated'
  const related = isDesignating(claim.fact)
    ? isNamedAlike(claim, evidence, overlap, weight)
    : isRelated(claim, evidence, overlap, weight)
  return related || claim.terms.length === 0 ? 'states' : 'other-subject'
}

/** Words of forms and calendars: they shape statements about anything, and make no two of them alike. */
const FORM: ReadonlySet<string> = new Set(
  termsOf(
    'last next due done date day item name number no type state status total updated interval valid year month time value note remarks page',
  ),
)

function content(terms: readonly string[]): string[] {
  return terms.filter((term) => !FORM.has(term))
}

function isDesignating(fact: Fact): boolean {
  return fact.naming || fact.kind === 'identifier' || fact.kind === 'licence' || fact.kind === 'version'
}

/** Designations stand in many texts: a third of their words must be there, or one of them where the place has the others. */
function isNamedAlike(
  claim: Statement,
  evidence: Statement,
  overlap: Overlap,
  weight: (term: string) => number,
): boolean {
  if (overlap.ofClaim >= 0.34) return true
  if (shareOf(claim.near, new Set(evidence.near), weight) >= 0.34) return true
  return overlap.common > 0 && shareOf(claim.terms, evidence.context.terms, weight) >= 0.6
}

/** Equal values confirm when the subjects have something in common: little when chance is unlikely, more when it is not. */
function isRelated(
  claim: Statement,
  evidence: Statement,
  overlap: Overlap,
  weight: (term: string) => number,
): boolean {
  const around = evidence.context.terms
  const inContext = Math.max(shareOf(claim.terms, around, weight), shareOf(claim.near, around, weight))
  if (isTelling(claim.fact)) {
    // "Total 3.432,00 EUR" says of what only by its heading.
    const { headings } = claim.context
    const underHeading = headings.length > 0 && shareOf(headings, around, weight) >= 0.34
    return overlap.common >= 2 || inContext >= 0.34 || underHeading
  }
  return overlap.share >= 0.25 || (overlap.common > 0 && inContext >= 0.5)
}

/** Whether a different value is a contradiction. Everything that could make it another thing speaks against it. */
function isSameSubject(claim: Statement, evidence: Statement, overlap: Overlap): boolean {
  const [mine, theirs] = [claim.fact.subject, evidence.fact.subject]
  if (mine.negated !== theirs.negated) return false
  if (isDesignating(claim.fact) || isDesignating(evidence.fact) || claim.fact.kind === 'name') return false
  if (!qualifiersEqual(mine.qualifiers, theirs.qualifiers)) return false
  if (mine.role !== theirs.role) return false
  // A reading taken on another day is another reading.
  if (!isSameReading(claim, evidence)) return false
  // The clause that holds the value must speak of the same attribute, not the sentence's other half.
  const [near, theirNear] = [claim.near, evidence.near]
  if (overlapOf(near, theirNear, evenly).share < SAME_CLAUSE) return false
  // A bare number says what it counts only by its field's name.
  if (claim.fact.unit === '' && claim.fact.kind === 'figure' && near.join() !== theirNear.join()) return false
  if (overlap.common < 2 || overlap.ofClaim < OF_EACH || overlap.ofEvidence < OF_EACH) return false
  return overlap.share >= (overlap.common >= 3 ? SAME_SUBJECT : 0.65)
}

/** A figure with its date is a reading: of two readings, either the dates agree or, where dates differ, the figures. */
function isSameReading(claim: Statement, evidence: Statement): boolean {
  const isDate = claim.fact.kind === 'date'
  const companions = (statement: Statement): Fact[] =>
    statement.beside.filter((fact) =>
      isDate ? fact.kind === 'figure' && fact.unit !== '' && !fact.naming : fact.kind === 'date',
    )
  const [mine, theirs] = [companions(claim), companions(evidence)]
  if (mine.length === 0 && theirs.length === 0) return true
  if (isDate && (mine.length === 0 || theirs.length === 0)) return true
  return mine.some((one) => theirs.some((other) => compareValues(one, other) === 'same'))
}

/** Both name a serial, part or policy number of the same shape, and none of them is common. */
function siblingsClash(claim: Statement, evidence: Statement): boolean {
  if (claim.fact.kind === 'identifier') return false
  const mine = claim.beside.filter((fact) => fact.kind === 'identifier')
  const theirs = evidence.beside.filter((fact) => fact.kind === 'identifier')
  const pairs = mine.flatMap((one) => theirs.map((other) => compareValues(one, other)))
  return pairs.includes('different') && !pairs.includes('same')
}

export interface SentenceVerdicts {
  sentence: string
  /** For each key. */
  verdicts: Verdict[]
  /** For each key, the value that contradicts it; empty without one. */
  against: string[]
}

/**
 * What the sentences of a quote or passage say about each key of a claim. A sentence that gives another figure for one of
 * the keys does not confirm the others: it speaks of the same thing and differs.
 */
export function verdictsOf(
  keys: readonly Statement[],
  statements: readonly Statement[],
  weight: (term: string) => number = evenly,
): SentenceVerdicts[] {
  const sentences = new Map<number, Statement[]>()
  for (const statement of statements) {
    const { start } = statement.fact.subject.sentence
    const list = sentences.get(start)
    if (list === undefined) sentences.set(start, [statement])
    else list.push(statement)
  }
  return [...sentences.values()].map((list) => {
    const table = keys.map((key) => list.map((statement) => judge(key, statement, weight)))
    const verdicts = table.map(best)
    const differs = verdicts.includes('contradicts') || isDiscordant(keys, verdicts, list, table)
    return {
      sentence: list[0]?.sentence ?? '',
      against: table.map((row) => list[row.indexOf('contradicts')]?.fact.values.join('|') ?? ''),
      verdicts: differs
        ? verdicts.map((verdict) => (verdict === 'states' ? 'other-value' : verdict))
        : verdicts,
    }
  })
}

const STRONGEST: readonly Verdict[] = ['states', 'contradicts', 'negated', 'other-subject']

export function best(verdicts: readonly Verdict[]): Verdict {
  return STRONGEST.find((verdict) => verdicts.includes(verdict)) ?? 'other-value'
}

/** A figure beside a stated key, where a key of its unit and qualifiers is left unstated and none of that unit is stated. */
function isDiscordant(
  keys: readonly Statement[],
  verdicts: readonly Verdict[],
  list: readonly Statement[],
  table: readonly Verdict[][],
): boolean {
  if (!verdicts.includes('states')) return false
  return list.some((statement, at) => {
    if (statement.fact.kind !== 'figure' || statement.fact.unit === '' || statement.fact.naming) return false
    const { unit } = statement.fact
    if (keys.some((key, keyAt) => verdicts[keyAt] === 'states' && key.fact.unit === unit)) return false
    if (table.some((row) => row[at] === 'states')) return false
    return keys.some(
      (key, keyAt) =>
        verdicts[keyAt] !== 'states' &&
        compareValues(key.fact, statement.fact) === 'different' &&
        qualifiersFit(key.fact.subject.qualifiers, statement.fact.subject.qualifiers),
    )
  })
}
