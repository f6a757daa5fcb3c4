import { ModelError } from '@infrafabric/ports'
import { type CallContext, toModelError } from './errors.ts'

/** Runs a call under the caller's signal and a time limit, and translates whatever it throws. */
export async function withinLimits<T>(
  context: CallContext,
  timeoutMs: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal.aborted)
    throw new ModelError('aborted', `${context.name}: stopped before the call`, { billed: 'no' })
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    return await call(AbortSignal.any([signal, timeout]))
  } catch (error) {
    if (isAbort(error) && signal.aborted) {
      throw new ModelError('aborted', `${context.name}: stopped during the call`, {
        billed: 'unknown',
        cause: error,
      })
    }
    if (isAbort(error) && timeout.aborted) {
      const detail = `${context.name}: no answer from ${context.url} in ${timeoutMs / 1_000} s`
      throw new ModelError('timeout', detail, { billed: 'unknown', cause: error })
    }
    throw toModelError(error, context, Date.now())
  }
}

function isAbort(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at.name === 'AbortError' || at.name === 'TimeoutError') return true
  }
  return false
}
