import { count } from './ending.ts'
import type { ReportClaim } from './report.ts'
import { cutLine } from './visible.ts'

/** What a reader should know of how a claim came by its status, besides its quotes; often nothing. */
export function claimNote(claim: ReportClaim): string {
  const notes: string[] = []
  if (claim.status === 'verified') notes.push(`${count(claim.sources, 'independent source')}`)
  if (claim.unstated.length > 0)
    notes.push(
      `no quote states ${claim.unstated
        .slice(0, 8)
        .map((value) => `“${cutLine(value, 80)}”`)
        .join(', ')}`,
    )
  if (claim.by === 'declared') notes.push('only the agent says that the quotes contradict it: read them')
  if (claim.status === 'unverified' && claim.supports.length === 0)
    notes.push(claim.ignored.length === 0 ? 'no quote was given' : 'no quote given for it counts')
  return notes.join('; ')
}
