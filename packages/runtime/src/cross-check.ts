import {
  assess,
  type Claim,
  findRelated,
  type Lookup,
  matchQuote,
  type Passage,
  passagesOf,
  type Quote,
  Readings,
} from '@infrafabric/evidence'
import type { AgentTools } from '@infrafabric/ports'

/** Claims of one answer that are looked up; a model that makes more of them is not believed more. */
const CLAIMS_MAX = 40
/** Quotes added to a claim, of each kind. */
const ADDED_MAX = 3

/**
 * Adds what other sources say to a model's claims: sentences that state the same values, and sentences that give
 * others. What the model cited stays, in its order. Only what `assess` counts is added, and a claim without any
 * matching quote is left as it is: nobody but its author would stand behind it.
 */
export function crossCheck(claims: readonly Claim[], tools: AgentTools): Claim[] {
  const lookup = lookupOf(tools)
  const readings = tools.evidence?.readings ?? new Readings()
  return claims.map((claim, at) => (at < CLAIMS_MAX ? checked(claim, tools, lookup, readings) : claim))
}

function checked(claim: Claim, tools: AgentTools, lookup: Lookup, readings: Readings): Claim {
  const cited = claim.supports.find(
    (quote) => matchQuote(quote, lookup(quote.source, quote.passage)) !== 'absent',
  )
  if (cited === undefined) return claim
  const { evidence } = tools
  const search = (query: string, limit: number) =>
    evidence === undefined ? tools.search(query, limit) : evidence.search(query, limit, { diversity: 0 })
  const known = new Set<string>([...claim.supports, ...claim.contradicts].map(({ source }) => source))
  const related = findRelated(claim, search, {
    headings: lookup(cited.source, cited.passage)?.headings ?? [],
    readings,
    ...(evidence === undefined ? {} : { weight: evidence.weight }),
  }).filter(({ quote }) => !known.has(quote.source))
  if (related.length === 0) return claim
  const of = (relation: 'same' | 'different'): Quote[] =>
    related.filter((one) => one.relation === relation).map(({ quote }) => quote)
  const all = {
    text: claim.text,
    supports: [...claim.supports, ...of('same')],
    contradicts: [...claim.contradicts, ...of('different')],
  }
  // A sentence that differs in no value would be a contradiction by our word alone.
  const counted = new Set(
    assess(all, lookup, readings)
      .counted.filter(({ as, by }) => as === 'support' || by === 'values')
      .map(({ quote }) => quote),
  )
  const added = (relation: 'same' | 'different'): Quote[] =>
    of(relation)
      .filter((quote) => counted.has(quote))
      .slice(0, ADDED_MAX)
  return {
    text: claim.text,
    supports: [...claim.supports, ...added('same')],
    contradicts: [...claim.contradicts, ...added('different')],
  }
}

/** Without an index in this process, a cited document is cut into its passages when it is first asked for. */
function lookupOf(tools: AgentTools): Lookup {
  const { evidence } = tools
  if (evidence !== undefined) return evidence.passage
  const passages = new Map<string, readonly Passage[]>()
  return (source, passage) => {
    let known = passages.get(source)
    if (known === undefined) {
      const document = tools.documents().find((one) => one.source === source)
      known = document === undefined ? [] : passagesOf(document)
      passages.set(source, known)
    }
    return known[passage]
  }
}
