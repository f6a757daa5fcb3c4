import { expect } from 'vitest'
import type { DriverErrorCode } from '../errors.ts'

/** The promise rejects with a DriverError of this code, whose message says more than the code. */
export async function expectCode(promise: Promise<unknown>, code: DriverErrorCode): Promise<void> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ name: 'DriverError', code })
  expect(error instanceof Error ? error.message.length : 0).toBeGreaterThan(code.length + 10)
}
