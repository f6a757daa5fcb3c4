/**
 * Queue of everything that a session's coordinator says to its agents in one epoch. Agents of an earlier epoch that
 * still live listen elsewhere, and cannot take what is not for them.
 */
export function agentsQueue(session: string, epoch: number): string {
  return `${session}/agents/${epoch}`
}

/** Queue of everything that is said to its coordinator. */
export function coordinatorQueue(session: string): string {
  return `${session}/coordinator`
}
