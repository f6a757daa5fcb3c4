export {
  type Assessment,
  assess,
  type CountedQuote,
  type IgnoredQuote,
  type IgnoredReason,
  type Lookup,
} from './assess.ts'
export type { CitationStatus, Claim, Quote } from './claim.ts'
export type { Block, Document, Passage, Place, RankedPassage } from './document.ts'
export { createEvidenceIndex, type EvidenceIndex, type SearchOptions } from './evidence-index.ts'
export { type Fact, type FactKind, factsOf } from './facts.ts'
export { findRelated, type Related, type RelatedOptions } from './find-related.ts'
export { isQuotedMail } from './independence.ts'
export { passagesOf } from './passages.ts'
export { matchQuote, normaliseWhitespace, type QuoteMatch } from './quotes.ts'
export { type Reading, Readings, type Sentence } from './readings.ts'
export { scopeOf } from './scope.ts'
export { type Span, sentencesOf } from './sentences.ts'
export type { Subject } from './subject.ts'
export { termsOf } from './words.ts'
