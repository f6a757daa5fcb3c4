import type { FailureCode } from '@infrafabric/session'

/** An agent's own failure, with what it means for the task. */
export class AgentError extends Error {
  override readonly name = 'AgentError'
  readonly code: FailureCode

  constructor(code: FailureCode, detail: string) {
    super(detail)
    this.code = code
  }
}
