/**
 * How fast attempts may be assigned to one model. Concurrency shrinks by half when the provider asks for less
 * and grows by one per round of successes (AIMD); a breaker stops assignments after failures in a row and lets
 * a single probe through before it closes again. Plain data: time comes in, nothing is read.
 */
export interface Pace {
  /** Attempts that may be under way; a fraction counts towards the next whole one. */
  limit: number
  readonly limitMax: number
  running: number
  /** No assignment before this time. */
  pausedUntil: number
  /** Attempts assigned before this time no longer speak for the present limit. */
  slowedAt: number
  failuresInRow: number
  breaker: 'closed' | 'open' | 'probing'
}

/** Failures in a row that open the breaker, and how long it stays open (`facts`: 5 and 60 s are the usual AWS figures). */
export const BREAKER_FAILURES = 5
export const BREAKER_OPEN_MS = 60_000
/** A provider that asks for less without saying until when. */
const PAUSE_MS = 2_000
/** No provider's word pauses a session for longer than this. */
const PAUSE_MS_MAX = 10 * 60_000

export function newPace(limitMax: number): Pace {
  return {
    limit: limitMax,
    limitMax,
    running: 0,
    pausedUntil: 0,
    slowedAt: -1,
    failuresInRow: 0,
    breaker: 'closed',
  }
}

export function mayAssign(pace: Pace, at: number): boolean {
  if (at < pace.pausedUntil) return false
  if (pace.breaker !== 'closed') return pace.running === 0
  return pace.running < Math.max(1, Math.floor(pace.limit))
}

export function onAssigned(pace: Pace): void {
  pace.running++
  if (pace.breaker === 'open') pace.breaker = 'probing'
}

export function onSucceeded(pace: Pace): void {
  pace.running--
  pace.failuresInRow = 0
  pace.breaker = 'closed'
  pace.limit = Math.min(pace.limitMax, pace.limit + 1 / Math.max(1, pace.limit))
}

/** @param assignedAt when the throttled attempt was assigned: a burst of refusals halves the limit once. */
export function onThrottled(pace: Pace, at: number, assignedAt: number, retryAfterMs: number | null): void {
  pace.running--
  if (assignedAt > pace.slowedAt) {
    pace.limit = Math.max(1, Math.floor(pace.limit) / 2)
    pace.slowedAt = at
  }
  pauseUntil(pace, at + Math.min(retryAfterMs ?? PAUSE_MS, PAUSE_MS_MAX))
  if (pace.breaker === 'probing') pace.breaker = 'open'
}

export function onUnavailable(pace: Pace, at: number): void {
  pace.running--
  pace.failuresInRow++
  if (pace.breaker === 'probing' || pace.failuresInRow >= BREAKER_FAILURES) {
    pace.breaker = 'open'
    pauseUntil(pace, at + BREAKER_OPEN_MS)
  }
}

/** An attempt ended for a reason that says nothing about the provider. */
export function onReleased(pace: Pace): void {
  pace.running--
  if (pace.breaker === 'probing') pace.breaker = 'open'
}

/** The provider's headers: wait for the window to reset when it is used up. */
export function onLimits(
  pace: Pace,
  at: number,
  limits: { requestsRemaining?: number; tokensRemaining?: number; resetMs?: number },
  tokensPerCall: number,
): void {
  const spent = limits.requestsRemaining === 0 || (limits.tokensRemaining ?? tokensPerCall) < tokensPerCall
  if (spent && limits.resetMs !== undefined) pauseUntil(pace, at + Math.min(limits.resetMs, PAUSE_MS_MAX))
}

function pauseUntil(pace: Pace, until: number): void {
  if (until > pace.pausedUntil) pace.pausedUntil = until
}
