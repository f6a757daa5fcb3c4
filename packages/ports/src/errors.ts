export type DriverErrorCode =
  | 'conflict' // somebody else was first
  | 'not-found'
  | 'too-large'
  | 'full' // disk or quota
  | 'denied'
  | 'corrupt'
  | 'busy' // held by another process
  | 'throttled'
  | 'unavailable'
  | 'invalid'

const RETRYABLE: ReadonlySet<DriverErrorCode> = new Set(['throttled', 'unavailable'])

/** What a driver rejects with: the vendor's error, translated once by the driver's own table. */
export class DriverError extends Error {
  override readonly name = 'DriverError'
  readonly code: DriverErrorCode
  readonly operation: string

  /** @param detail for people: what happened, to what, and what to do. */
  constructor(code: DriverErrorCode, operation: string, detail: string, options: { cause?: unknown } = {}) {
    super(detail, options)
    this.code = code
    this.operation = operation
  }

  get retryable(): boolean {
    return RETRYABLE.has(this.code)
  }
}
