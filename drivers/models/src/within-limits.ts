import { ModelError } from '@infrafabric/ports'
import { type CallContext, toModelError } from './errors.ts'

/**
 * Runs a call under the caller's signal and a time limit, and translates whatever it throws. A signal of the
 * caller's that is itself a time limit (`AbortSignal.timeout`) counts as one.
 */
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
    if (isAbort(error) && signal.aborted && !isTimeout(signal.reason)) {
      throw new ModelError('aborted', `${context.name}: stopped during the call`, {
        billed: 'unknown',
        cause: error,
      })
    }
    if (isAbort(error) && (signal.aborted || timeout.aborted)) {
      const limit = signal.aborted ? 'the time it was given' : `${timeoutMs / 1_000} s`
      const detail = `${context.name}: no answer from ${context.url} in ${limit}`
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

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError'
}
