import type { Sha256 } from '@infrafabric/protocol'
import type { CitationStatus, Claim, Quote } from './claim.ts'
import type { Passage } from './document.ts'
import { matchQuote, normaliseWhitespace, type QuoteMatch } from './quotes.ts'

export type IgnoredReason =
  | 'absent' // the words do not stand in the passage
  | 'missing' // the passage itself is gone
  | 'repeated' // the same quote again
  | 'copy' // the same text as another source's quote: it confirms nothing
  | 'other-value' // it does not give the claim's figure, date or identifier
  | 'other-subject' // it speaks of something else
  | 'negated' // it denies what the claim states
  | 'agrees' // given as contradiction, but it says the same

export interface CountedQuote {
  quote: Quote
  match: Exclude<QuoteMatch, 'absent'>
  as: 'support' | 'contradiction'
}

export interface IgnoredQuote {
  quote: Quote
  reason: IgnoredReason
}

export interface Assessment {
  status: CitationStatus
  counted: CountedQuote[]
  ignored: IgnoredQuote[]
  /** Independent sources that count for the claim. */
  sources: number
  /**
   * What decided: `values`: figures, dates or identifiers were compared; `words`: the claim has none, so its
   * words were; `declared`: a contradiction that only the agent declares; `none`: nothing counted.
   */
  by: 'values' | 'words' | 'declared' | 'none'
}

/** Computes a claim's status from bytes alone; never throws. */
export function assess(
  claim: Claim,
  lookup: (source: Sha256, passage: number) => Passage | undefined,
): Assessment {
  const counted: CountedQuote[] = []
  const ignored: IgnoredQuote[] = []
  const seen = new Set<string>()
  for (const [quotes, as] of [
    [claim.supports, 'support'],
    [claim.contradicts, 'contradiction'],
  ] as const) {
    for (const quote of quotes) {
      const key = `${as} ${quote.source} ${quote.passage} ${normaliseWhitespace(quote.text)}`
      const passage = lookup(quote.source, quote.passage)
      const match = matchQuote(quote, passage)
      if (passage === undefined) ignored.push({ quote, reason: 'missing' })
      else if (match === 'absent') ignored.push({ quote, reason: 'absent' })
      else if (seen.has(key)) ignored.push({ quote, reason: 'repeated' })
      else counted.push({ quote, match, as })
      seen.add(key)
    }
  }
  const supports = counted.filter((one) => one.as === 'support')
  const sources = new Set(supports.map((one) => one.quote.source)).size
  const against = counted.length > supports.length
  const gone = ignored.some((one) => one.reason === 'missing')
  const status: CitationStatus =
    sources === 0
      ? gone
        ? 'missing'
        : 'unverified'
      : against
        ? 'disputed'
        : sources > 1
          ? 'verified'
          : 'provisional'
  return { status, counted, ignored, sources, by: counted.length === 0 ? 'none' : 'words' }
}
