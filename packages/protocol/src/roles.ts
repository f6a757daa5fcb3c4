import { PERFORMATIVES, type Performative } from './message.ts'

export const ROLES = ['operator', 'coordinator', 'planner', 'worker', 'synthesizer'] as const
/** What an agent is in a session, and so the most it may be granted. */
export type GrantRole = (typeof ROLES)[number]

/** Orders and awards are the coordinator's: no worker may ever be granted these. */
const OF_AUTHORITY: readonly Performative[] = ['request', 'cancel', 'accept-proposal', 'reject-proposal']

/** The most that a grant of the role may allow. */
export function performativesOf(role: GrantRole): Performative[] {
  if (role === 'operator' || role === 'coordinator') return [...PERFORMATIVES]
  return PERFORMATIVES.filter((performative) => !OF_AUTHORITY.includes(performative))
}
