import { describe, expect, it } from 'vitest'
import { rateLimits, retryAfterMs } from './limits.ts'

const now = Date.parse('2026-11-22T12:00:00Z')

describe('retryAfterMs', () => {
  it.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-3' }, undefined],
    [{}, undefined],
    [
      {
        'anthropic-ratelimit-tokens-remaining': '0',
        'anthropic-ratelimit-tokens-reset': '2026-11-22T12:00:42Z',
      },
      42_000,
    ],
    [
      {
        'anthropic-ratelimit-tokens-remaining': '9',
        'anthropic-ratelimit-tokens-reset': '2026-11-22T12:00:42Z',
      },
      undefined,
    ],
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '20ms' }, 20],
    [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1h2m3.5s' }, 3_723_500],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 9_000) }, 9_000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1_000 + 9) }, 9_000],
  ])('reads %j as %s', (headers, expected) => {
    expect(retryAfterMs(headers, now)).toBe(expected)
  })

  it('waits for the last of the windows that are used up', () => {
    const headers = {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '1m',
    }
    expect(retryAfterMs(headers, now)).toBe(60_000)
  })
})

describe('rateLimits', () => {
  it('is the scarcest window of each kind, and the nearest reset', () => {
    expect(
      rateLimits(
        {
          'anthropic-ratelimit-requests-remaining': '999',
          'anthropic-ratelimit-requests-reset': '2026-11-22T12:00:01Z',
          'anthropic-ratelimit-input-tokens-remaining': '40000',
          'anthropic-ratelimit-input-tokens-reset': '2026-11-22T12:00:03Z',
          'anthropic-ratelimit-output-tokens-remaining': '8000',
          'anthropic-ratelimit-output-tokens-reset': '2026-11-22T12:00:02Z',
        },
        now,
      ),
    ).toEqual({ requestsRemaining: 999, tokensRemaining: 8_000, resetMs: 1_000 })
  })

  it('is unknown when nothing is said, or nothing that makes sense', () => {
    expect(rateLimits({}, now)).toBeUndefined()
    expect(
      rateLimits({ 'x-ratelimit-remaining-requests': 'many', 'x-ratelimit-reset-requests': '' }, now),
    ).toBeUndefined()
  })
})
