import type { Fact } from './facts.ts'

/** What a claim stands or falls with, and what it must not make up. */
export interface ClaimFacts {
  /** The values a quote must state to confirm the claim. Empty: its words decide. */
  keys: Fact[]
  /** Other values of the claim: each must stand somewhere in the counted passages. */
  mentioned: Fact[]
}

/**
 * Figures with a unit or at least three digits, and dates with a month, are keys. Without them identifiers, licences,
 * versions, years and naming figures ("the 1,250-hour service") are; without those times and small bare numbers.
 */
export function keysOf(facts: readonly Fact[]): ClaimFacts {
  const values = facts.filter((fact) => fact.kind !== 'name')
  for (const tier of [isMeasure, isDesignation, () => true]) {
    const keys = values.filter(tier)
    if (keys.length > 0) return { keys, mentioned: values.filter((fact) => !keys.includes(fact)) }
  }
  return { keys: [], mentioned: [] }
}

function isMeasure(fact: Fact): boolean {
  if (fact.naming) return false
  if (fact.kind === 'date') return fact.values.some((value) => value.length > 4)
  return (
    fact.kind === 'figure' &&
    (fact.unit !== '' || fact.bare.some((value) => value.replace(/\D/g, '').length >= 3))
  )
}

function isDesignation(fact: Fact): boolean {
  return fact.naming || ['identifier', 'licence', 'version', 'date'].includes(fact.kind)
}

/** Values that two texts hardly share by chance: a full date, an identifier, three digits that count. */
export function isTelling(fact: Fact): boolean {
  if (fact.kind === 'date') return fact.values.some((value) => value.length >= 10)
  if (fact.kind === 'identifier' || fact.kind === 'version') return true
  if (fact.kind !== 'figure') return false
  return fact.bare.some(
    (value) =>
      value.replace('.', '').replace(/^0+|0+$/g, '').length >= 3 || value.replace(/\D/g, '').length >= 4,
  )
}
