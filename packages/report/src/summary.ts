import { count } from './ending.ts'
import type { Report } from './report.ts'
import { STATUS_SIGNS, STATUSES } from './status-words.ts'

/** The counts in the order in which they should be read, those that are nought left out. */
export function countLines({ counts, unusable }: Report): string[] {
  const claims = STATUSES.filter((status) => counts[status] > 0).map(
    (status) => `${STATUS_SIGNS[status]} ${counts[status]} ${status}`,
  )
  const lines = [
    `${count(counts.questions, 'question')} put to ${count(counts.sources, 'source')} of evidence: ${counts.answered} answered`,
  ]
  if (counts.withoutEvidence > 0) lines.push(`${count(counts.withoutEvidence, 'question')} without evidence`)
  const undone = counts.failed + counts.skipped + counts.open
  if (undone > 0) lines.push(`${count(undone, 'question')} not worked on to the end`)
  if (claims.length > 0) lines.push(`Claims: ${claims.join(', ')}`)
  if (unusable.length > 0) lines.push(`${count(unusable.length, 'piece')} of evidence could not be used`)
  return lines
}
