import type { RateLimits } from '@infrafabric/session'

export type Headers = Readonly<Record<string, string | undefined>>

interface Window {
  counts: 'requests' | 'tokens'
  remaining: number | undefined
  resetMs: number | undefined
}

/** Header pairs of remaining and reset, by who sends them; every provider uses some of them. */
const WINDOWS: readonly (readonly [Window['counts'], remaining: string, reset: string])[] = [
  ['requests', 'anthropic-ratelimit-requests-remaining', 'anthropic-ratelimit-requests-reset'],
  ['tokens', 'anthropic-ratelimit-tokens-remaining', 'anthropic-ratelimit-tokens-reset'],
  ['tokens', 'anthropic-ratelimit-input-tokens-remaining', 'anthropic-ratelimit-input-tokens-reset'],
  ['tokens', 'anthropic-ratelimit-output-tokens-remaining', 'anthropic-ratelimit-output-tokens-reset'],
  ['requests', 'x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'],
  ['tokens', 'x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'],
  ['requests', 'x-ratelimit-remaining', 'x-ratelimit-reset'],
]

/** What the provider says is left, the scarcest window of each kind; undefined when it says nothing. */
export function rateLimits(headers: Headers, nowMs: number): RateLimits | undefined {
  const windows = readWindows(headers, nowMs)
  const requests = smallest(
    windows.filter(({ counts }) => counts === 'requests').map((window) => window.remaining),
  )
  const tokens = smallest(
    windows.filter(({ counts }) => counts === 'tokens').map((window) => window.remaining),
  )
  const resetMs = smallest(windows.map((window) => window.resetMs))
  if (requests === undefined && tokens === undefined) return undefined
  return {
    ...(requests === undefined ? {} : { requestsRemaining: requests }),
    ...(tokens === undefined ? {} : { tokensRemaining: tokens }),
    ...(resetMs === undefined ? {} : { resetMs }),
  }
}

/**
 * How long the provider asks to wait: `retry-after-ms`, `retry-after` (seconds or an HTTP date), or the reset of
 * the windows that are used up. undefined when it does not say.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const exact = count(headers['retry-after-ms'])
  if (exact !== undefined) return exact
  const after = headers['retry-after']
  if (after !== undefined) {
    const seconds = count(after)
    if (seconds !== undefined) return Math.ceil(seconds * 1_000)
    const date = moment(after)
    if (date !== undefined) return Math.max(0, date - nowMs)
  }
  const empty = readWindows(headers, nowMs).filter((window) => window.remaining === 0)
  const resets = empty.map((window) => window.resetMs).filter((reset) => reset !== undefined)
  return resets.length === 0 ? undefined : Math.max(...resets)
}

function readWindows(headers: Headers, nowMs: number): Window[] {
  return WINDOWS.map(([counts, remaining, reset]) => ({
    counts,
    remaining: count(headers[remaining]),
    resetMs: untilMs(headers[reset], nowMs),
  }))
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined
}

const DURATION = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/

/** Reads a moment (RFC 3339, or epoch in seconds or ms) or a duration (`6m0s`, `20ms`, or a number of seconds). */
function untilMs(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const number = count(text)
  if (number !== undefined) {
    if (number > 1e12) return Math.max(0, number - nowMs)
    if (number > 1e9) return Math.max(0, number * 1_000 - nowMs)
    return Math.ceil(number * 1_000)
  }
  const duration = DURATION.exec(text.trim())
  if (duration !== null) {
    const [, hours = '0', minutes = '0', seconds = '0', milliseconds = '0'] = duration
    return Math.ceil(
      Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1_000 + Number(milliseconds),
    )
  }
  const date = moment(text)
  return date === undefined ? undefined : Math.max(0, date - nowMs)
}

/** An HTTP date or one of RFC 3339. `Date.parse` alone would also make a date of `-3`. */
function moment(text: string): number | undefined {
  const date = /^[A-Z][a-z]{2},? |^\d{4}-\d{2}-\d{2}T/.test(text.trim()) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : date
}

function smallest(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
