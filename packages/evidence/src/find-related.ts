import type { Claim, Quote } from './claim.ts'
import type { Passage, RankedPassage } from './document.ts'
import { isQuotedMail } from './independence.ts'
import { contextOfClaim, type Statement, statementsOf, verdictsOf } from './judge.ts'
import { keysOf } from './keys.ts'
import { Readings } from './readings.ts'

export interface Related {
  /** The whole sentence or row that states it. */
  quote: Quote
  passage: Passage
  relation: 'same' | 'different'
}

export interface RelatedOptions {
  /** How many passages are looked at; default 24. */
  limit?: number
  /** Headings that the claim stands under. */
  headings?: readonly string[]
  /** Weight of a term; an index's `weight`. */
  weight?: (term: string) => number
  /** What was read out of passages before; an index's `readings`. */
  readings?: Readings
}

/**
 * Passages of other sources that state the claim's facts with the same or with a different value, best first. A source
 * that gives the claim's value anywhere does not contradict it, and one that itself gives several values for
 * the subject (a log, a price list) contradicts nobody.
 */
export function findRelated(
  claim: Pick<Claim, 'text' | 'supports'>,
  search: (query: string, limit: number) => RankedPassage[],
  options: RelatedOptions = {},
): Related[] {
  const keys = keyStatements(claim.text, options.headings ?? [])
  if (keys.length === 0) return []
  const own = new Set<string>(claim.supports.map((quote) => quote.source))
  const weight = options.weight ?? (() => 1)
  const limit = options.limit ?? 24
  const readings = options.readings ?? new Readings()
  const candidates = new Map<string, RankedPassage>()
  for (const query of queriesFor(claim, keys, options.headings ?? [])) {
    for (const passage of search(query, limit))
      candidates.set(`${passage.source} ${passage.passage}`, passage)
  }
  const same = new Map<string, { related: Related; rank: number }>()
  const different = new Map<string, { related: Related; values: Set<string> }>()
  let rank = 0
  for (const passage of candidates.values()) {
    rank += 1
    const { statements } = readings.of(passage)
    for (const { sentence, verdicts, against } of verdictsOf(keys, statements, weight)) {
      if (isQuotedMail(sentence, passage.text)) continue
      const quote: Quote = { source: passage.source, passage: passage.passage, text: sentence }
      for (const [at, verdict] of verdicts.entries()) {
        const slot = `${passage.source} ${at}`
        if (verdict === 'states') {
          const found = same.get(slot)
          if (found === undefined || rank < found.rank)
            same.set(slot, { related: { quote, passage, relation: 'same' }, rank })
        } else if (verdict === 'contradicts') {
          const value = against[at] ?? ''
          const found = different.get(slot)
          if (found === undefined)
            different.set(slot, {
              related: { quote, passage, relation: 'different' },
              values: new Set([value]),
            })
          else found.values.add(value)
        }
      }
    }
  }
  const related: Related[] = []
  const seen = new Set<string>()
  const add = (one: Related): void => {
    const id = `${one.quote.source} ${one.quote.passage} ${one.quote.text}`
    if (seen.has(id) || own.has(one.quote.source)) return
    seen.add(id)
    related.push(one)
  }
  for (const found of same.values()) {
    add(found.related)
  }
  for (const [slot, found] of different) {
    if (!same.has(slot) && found.values.size === 1) add(found.related)
  }
  return related
}

function keyStatements(text: string, headings: readonly string[]): Statement[] {
  const statements = statementsOf(text, contextOfClaim(text, headings))
  const { keys } = keysOf(statements.map((one) => one.fact))
  return statements.filter((one) => keys.includes(one.fact))
}

function queriesFor(
  claim: Pick<Claim, 'text'>,
  keys: readonly Statement[],
  headings: readonly string[],
): string[] {
  const subjects = [...new Set(keys.map((key) => key.fact.subject.terms.join(' ')))]
  const under = headings.length === 0 ? [] : [`${headings.join(' ')} ${subjects[0] ?? ''}`]
  return [claim.text, ...subjects.slice(0, 3), ...under]
}
