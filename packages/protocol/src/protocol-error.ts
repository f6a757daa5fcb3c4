export type ProtocolErrorCode = 'not-canonical' | 'malformed' | 'too-large'

/** A value handed in for encoding or sealing cannot be put on the wire: the caller's mistake. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProtocolErrorCode

  constructor(code: ProtocolErrorCode, detail: string) {
    super(detail)
    this.code = code
  }
}
