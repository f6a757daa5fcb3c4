import { compareValues, overlapOf, qualifiersEqual, qualifiersFit, rolesFit } from './compare.ts'
import type { Passage } from './document.ts'
import { type Fact, factsOf } from './facts.ts'
import { isTelling } from './keys.ts'
import { namedKinds, namedThings, namesClash } from './named.ts'

import { termsOf } from './words.ts'

/** A fact with what is known about the place it stands in. */
export interface Statement {
  fact: Fact
  /** The sentence or row. */
  sentence: string
  /** All facts of that sentence. */
  beside: readonly Fact[]
  context: Context
}

/** What the surroundings of a statement say. */
export interface Context {
  /** Terms of the passage, its headings and its source's name. */
  terms: ReadonlySet<string>
  /** What the passage is about, as in `vessel=meridian`. */
  kinds: ReadonlySet<string>
}

export const NO_CONTEXT: Context = { terms: new Set(), kinds: new Set() }

export function contextOf(passage: Passage): Context {
  const around = [passage.text, ...passage.headings, passage.name].join('\n')
  return { terms: new Set(termsOf(around)), kinds: namedKinds(around) }
}

/** All statements of a text, which is a passage's text or a claim. */
export function statementsOf(text: string, context: Context, around: string = text): Statement[] {
  const facts = factsOf(text, around)
  const bySentence = new Map<number, Fact[]>()
  for (const fact of facts) {
    const start = fact.subject.sentence.start
    bySentence.set(start, [...(bySentence.get(start) ?? []), fact])
  }
  return facts.map((fact) => ({
    fact,
    sentence: text.slice(fact.subject.sentence.start, fact.subject.sentence.end),
    beside: bySentence.get(fact.subject.sentence.start) ?? [],
    context,
  }))
}

export type Verdict = 'states' | 'contradicts' | 'other-value' | 'other-subject' | 'negated'

const evenly = (): number => 1

/** How much of the subjects' weight must be common before a different value is a contradiction. */
const SAME_SUBJECT = 0.5

/**
 * What a statement of the evidence says about a claim's. `weight` tells rare words from common ones, when an index
 * is at hand; a status never depends on it.
 */
export function judge(
  claim: Statement,
  evidence: Statement,
  weight: (term: string) => number = evenly,
): Verdict {
  const relation = compareValues(claim.fact, evidence.fact)
  if (relation === 'unclear') return 'other-value'
  const [mine, theirs] = [claim.fact.subject, evidence.fact.subject]
  if (!qualifiersFit(mine.qualifiers, theirs.qualifiers)) return 'other-subject'
  if (!rolesFit(claim.fact, evidence.fact)) return 'other-subject'
  if (namesClash(namedThings(claim.sentence), namedThings(evidence.sentence))) return 'other-subject'
  if (namesClash(claim.context.kinds, evidence.context.kinds)) return 'other-subject'
  if (siblingsClash(claim, evidence)) return 'other-subject'
  const overlap = overlapOf(mine.terms, theirs.terms, weight)
  if (relation === 'same') {
    if (mine.negated !== theirs.negated && overlap.share >= 0.6) return 'negated'
    const around = mine.terms.some((term) => evidence.context.terms.has(term)) || mine.terms.length === 0
    if (isTelling(claim.fact)) return around || overlap.common > 0 ? 'states' : 'other-subject'
    const inContext = overlapOf(mine.terms, [...evidence.context.terms], weight).ofClaim
    return overlap.share >= 0.25 || (overlap.common > 0 && inContext >= 0.5) ? 'states' : 'other-subject'
  }
  return isSameSubject(claim, evidence, overlap) ? 'contradicts' : 'other-value'
}

function isSameSubject(
  claim: Statement,
  evidence: Statement,
  overlap: { common: number; share: number },
): boolean {
  const [mine, theirs] = [claim.fact.subject, evidence.fact.subject]
  if (mine.negated !== theirs.negated) return false
  if (claim.fact.naming || evidence.fact.naming) return false
  if (!qualifiersEqual(mine.qualifiers, theirs.qualifiers)) return false
  if (claim.fact.kind === 'date' && mine.role !== theirs.role) return false
  if (claim.fact.kind === 'name') return false
  // A reading taken on another day is another reading.
  if (claim.fact.kind !== 'date' && !momentsEqual(claim, evidence)) return false
  // The clause that holds the value must speak of the same attribute, not the sentence's other half.
  if (mine.near.length > 0 && theirs.near.length > 0 && !mine.near.some((term) => theirs.near.includes(term)))
    return false
  return overlap.common >= 3 ? overlap.share >= SAME_SUBJECT : overlap.common === 2 && overlap.share >= 0.65
}

function momentsEqual(claim: Statement, evidence: Statement): boolean {
  const mine = claim.beside.filter((fact) => fact.kind === 'date')
  const theirs = evidence.beside.filter((fact) => fact.kind === 'date')
  if (mine.length === 0 && theirs.length === 0) return true
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
