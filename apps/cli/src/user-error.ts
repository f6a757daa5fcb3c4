/** Something the user can put right: shown as one message, without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError'
  /** 2: usage or a faulty mission; 1: what was asked for failed. */
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 2) {
    super(message)
    this.exitCode = exitCode
  }
}
