export type { CitationStatus, Claim, Quote } from './claim.ts'
export type { Block, Document, Passage, Place, RankedPassage } from './document.ts'
