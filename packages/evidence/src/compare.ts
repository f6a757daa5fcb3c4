import { dateStates, datesClash } from './dates.ts'
import type { Fact } from './facts.ts'
import { compareDecimals } from './numbers.ts'
import { groupOf } from './subject.ts'
import { fold } from './words.ts'

/** `unclear`: not the same kind of thing, or not to be told apart with certainty. */
export type ValueRelation = 'same' | 'different' | 'unclear'

/** How the value of the evidence stands to the claim's. A more precise date states a less precise one, not the reverse. */
export function compareValues(claim: Fact, evidence: Fact): ValueRelation {
  if (claim.kind !== evidence.kind) return sameDigits(claim, evidence) ? 'same' : 'unclear'
  switch (claim.kind) {
    case 'figure':
      return compareFigures(claim, evidence)
    case 'date':
      return compareReadings(claim, evidence, (a, b) => dateStates(b, a), datesClash)
    case 'identifier':
      if (claim.values[0] === evidence.values[0]) return 'same'
      return shapeOf(claim.text) === shapeOf(evidence.text) ? 'different' : 'unclear'
    case 'name':
      return sameName(claim.values[0] ?? '', evidence.values[0] ?? '') ? 'same' : 'unclear'
    case 'time':
    case 'version':
    case 'licence':
      return claim.values[0] === evidence.values[0] ? 'same' : 'different'
  }
}

function compareFigures(claim: Fact, evidence: Fact): ValueRelation {
  if (claim.unit === evidence.unit) {
    if (claim.values.some(isRange) !== evidence.values.some(isRange)) {
      return claim.values.some((a) => evidence.values.some((b) => overlaps(a, b))) ? 'unclear' : 'different'
    }
    return compareReadings(
      claim,
      evidence,
      (a, b) => a === b,
      (a, b) => a !== b,
    )
  }
  if (claim.unit !== '' && evidence.unit !== '') return 'unclear'
  // One of them leaves its unit to the reader. Digits that are telling enough are taken for the same.
  const telling = claim.bare.some((reading) => reading.replace(/\D|0+$/g, '').length >= 3)
  return telling &&
    compareReadings(
      { values: claim.bare },
      { values: evidence.bare },
      (a, b) => a === b,
      (a, b) => a !== b,
    ) === 'same'
    ? 'same'
    : 'unclear'
}

/**
 * An ambiguous value is the same as an unambiguous one among its readings, and as another one only when both are
 * written alike. It is different only when no reading fits.
 */
function compareReadings(
  claim: { values: string[] },
  evidence: { values: string[] },
  states: (claim: string, evidence: string) => boolean,
  clash: (claim: string, evidence: string) => boolean,
): ValueRelation {
  if (claim.values.length === 0 || evidence.values.length === 0) return 'unclear'
  if (claim.values.length > 1 && evidence.values.length > 1) {
    if (claim.values.join() === evidence.values.join()) return 'same'
  } else if (claim.values.some((a) => evidence.values.some((b) => states(a, b)))) return 'same'
  return claim.values.every((a) => evidence.values.every((b) => clash(a, b))) ? 'different' : 'unclear'
}

function isRange(value: string): boolean {
  return value.includes('..')
}

function overlaps(one: string, other: string): boolean {
  const [oneLow = '', oneHigh = oneLow] = one.split('..')
  const [otherLow = '', otherHigh = otherLow] = other.split('..')
  return compareDecimals(oneLow, otherHigh) <= 0 && compareDecimals(otherLow, oneHigh) <= 0
}

/** `299014580` and `MMSI 299 014 580`, whichever of them was taken for a figure. */
function sameDigits(one: Fact, other: Fact): boolean {
  const figure = one.kind === 'figure' ? one : other
  const identifier = one.kind === 'identifier' ? one : other
  if (figure.kind !== 'figure' || identifier.kind !== 'identifier' || figure.unit !== '') return false
  return (identifier.values[0] ?? '').length >= 7 && figure.values.includes(identifier.values[0] ?? '')
}

/** `TD9-41877` and `TD9-41892` are siblings; a policy number and a serial number are not. */
function shapeOf(identifier: string): string {
  return identifier
    .replace(/\p{Lu}/gu, 'A')
    .replace(/\d/g, '0')
    .replace(/\s/g, '')
}

const TITLE = /^(?:mr|mrs|ms|mme|m|dr|prof|sir|madame|monsieur|captain|capt)\.? /

/** `Mr Edmund Farrow-Lisle`, `E. Farrow-Lisle` and `Edmund Farrow-Lisle` are one name; two first names are two. */
function sameName(one: string, other: string): boolean {
  const a = fold(one).replace(TITLE, '').replace(/\./g, '').split(/\s+/)
  const b = fold(other).replace(TITLE, '').replace(/\./g, '').split(/\s+/)
  if (a.join(' ') === b.join(' ')) return true
  if (a.at(-1) !== b.at(-1) || a.length < 2 || b.length < 2) return false
  const [first = '', second = ''] = [a[0] ?? '', b[0] ?? '']
  return (first.length === 1 || second.length === 1) && first[0] === second[0]
}

/**
 * Members that stand for the thing itself, so that leaving them out changes nothing: "the yacht's insurance" is
 * "the insurance".
 */
const IMPLIED: ReadonlySet<string> = new Set([
  'craft=yacht',
  'rank=main',
  'machine=engine',
  'age=new',
  'end=aft',
])

/** Neither has a qualifier that excludes the other's: port against starboard, net against gross. */
export function qualifiersFit(one: readonly string[], other: readonly string[]): boolean {
  return one.every((qualifier) => {
    const siblings = other.filter((candidate) => groupOf(candidate) === groupOf(qualifier))
    return siblings.length === 0 || one.some((mine) => siblings.includes(mine))
  })
}

/** Both name the same siblings: what one leaves open may be another thing. Needed before a difference means anything. */
export function qualifiersEqual(one: readonly string[], other: readonly string[]): boolean {
  if (!qualifiersFit(one, other)) return false
  const groups = (list: readonly string[]) =>
    new Set(list.filter((qualifier) => !IMPLIED.has(qualifier)).map(groupOf))
  const a = groups(one)
  const b = groups(other)
  const all = (list: readonly string[], group: string) =>
    list.some((qualifier) => groupOf(qualifier) === group)
  return [...a].every((group) => all(other, group)) && [...b].every((group) => all(one, group))
}

/** "due on 14 May" and "done on 14 May" are two things. What a text leaves open fits both. */
export function rolesFit(one: Fact, other: Fact): boolean {
  if (one.kind !== 'date' || other.kind !== 'date') return true
  const [a, b] = [one.subject.role, other.subject.role]
  if (a === '' || b === '') return true
  return a === b
}

export interface Overlap {
  /** Terms in common. */
  common: number
  /** Their weight, as a share of the lighter side's. */
  share: number
  /** Their weight, as a share of the claim's. */
  ofClaim: number
  /** Their weight, as a share of the evidence's. */
  ofEvidence: number
}

/** The weight of a claim's terms that stand in the evidence, as a share of all of them. */
export function shareOf(
  claim: readonly string[],
  evidence: ReadonlySet<string>,
  weight: (term: string) => number,
): number {
  let common = 0
  let all = 0
  for (const term of claim) {
    const value = weight(term)
    all += value
    if (evidence.has(term)) common += value
  }
  return all === 0 ? 0 : common / all
}

export function overlapOf(
  claim: readonly string[],
  evidence: readonly string[],
  weight: (term: string) => number,
): Overlap {
  const other = new Set(evidence)
  let common = 0
  let commonWeight = 0
  let claimWeight = 0
  for (const term of claim) {
    const value = weight(term)
    claimWeight += value
    if (other.has(term)) {
      common += 1
      commonWeight += value
    }
  }
  const evidenceWeight = evidence.reduce((sum, term) => sum + weight(term), 0)
  const lighter = Math.min(claimWeight, evidenceWeight)
  return {
    common,
    share: lighter === 0 ? 0 : commonWeight / lighter,
    ofClaim: claimWeight === 0 ? 0 : commonWeight / claimWeight,
    ofEvidence: evidenceWeight === 0 ? 0 : commonWeight / evidenceWeight,
  }
}
