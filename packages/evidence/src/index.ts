export {
  type Assessment,
  assess,
  type CountedQuote,
  type IgnoredQuote,
  type IgnoredReason,
} from './assess.ts'
export type { CitationStatus, Claim, Quote } from './claim.ts'
export type { Block, Document, Passage, Place, RankedPassage } from './document.ts'
export { createEvidenceIndex, type EvidenceIndex, type SearchOptions } from './evidence-index.ts'
export { passagesOf } from './passages.ts'
export { matchQuote, normaliseWhitespace, type QuoteMatch } from './quotes.ts'
export { type Span, sentencesOf } from './sentences.ts'
