/** Queue of everything that is said to the agents of a session. */
export function agentsQueue(session: string): string {
  return `${session}/agents`
}

/** Queue of everything that is said to its coordinator. */
export function coordinatorQueue(session: string): string {
  return `${session}/coordinator`
}
