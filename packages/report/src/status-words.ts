import type { CitationStatus, IgnoredReason } from '@infrafabric/evidence'

/** Most telling first. */
export const STATUSES: readonly CitationStatus[] = [
  'disputed',
  'verified',
  'provisional',
  'unverified',
  'missing',
]

/** A sign for the eye beside the word, never in its place. */
export const STATUS_SIGNS: Record<CitationStatus, string> = {
  verified: '✓',
  provisional: '●',
  disputed: '⚠',
  unverified: '○',
  missing: '✗',
}

export const STATUS_MEANINGS: Record<CitationStatus, string> = {
  verified: 'two or more independent sources state it, and none contradicts it',
  provisional: 'one source states it, and none contradicts it',
  disputed: 'a source contradicts it',
  unverified: 'no quoted source states all of it',
  missing: 'what it quotes is not among the evidence',
}

export const IGNORED_MEANINGS: Record<IgnoredReason, string> = {
  absent: 'these words do not stand in the passage',
  missing: 'there is no such passage',
  repeated: 'the same quote again',
  copy: 'the same text as another source',
  'other-value': "it does not give the claim's figure, date or name",
  'other-subject': 'it speaks of something else',
  negated: 'it denies the claim',
  agrees: 'given as a contradiction, but it says the same',
  'too-many': 'more quotes than are judged',
}
