import type { Quote } from './claim.ts'
import type { Passage } from './document.ts'

export type QuoteMatch = 'exact' | 'normalised' | 'absent'

/** Runs of Unicode white space become one space, both ends are trimmed; nothing else changes. */
export function normaliseWhitespace(text: string): string {
  return text.replace(/[\p{White_Space}\ufeff]+/gu, ' ').replace(/^ | $/g, '')
}

/** Whether the quoted words stand in the passage, byte for byte or with white space normalised. */
export function matchQuote(quote: Quote, passage: Passage | undefined): QuoteMatch {
  if (passage === undefined) return 'absent'
  if (quote.source !== passage.source || quote.passage !== passage.passage) return 'absent'
  if (!/[^\p{White_Space}\ufeff]/u.test(quote.text)) return 'absent'
  if (passage.text.includes(quote.text)) return 'exact'
  return normaliseWhitespace(passage.text).includes(normaliseWhitespace(quote.text)) ? 'normalised' : 'absent'
}
