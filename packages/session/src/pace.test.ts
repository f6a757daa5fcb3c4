import { describe, expect, test } from 'vitest'
import {
  BREAKER_FAILURES,
  BREAKER_OPEN_MS,
  mayAssign,
  newPace,
  onAssigned,
  onLimits,
  onReleased,
  onSucceeded,
  onThrottled,
  onUnavailable,
  type Pace,
} from './pace.ts'

function running(limit: number, count: number): Pace {
  const pace = newPace(limit)
  for (let i = 0; i < count; i++) onAssigned(pace)
  return pace
}

describe('concurrency', () => {
  test('no more attempts than the limit are under way', () => {
    const pace = running(2, 1)
    expect(mayAssign(pace, 0)).toBe(true)
    onAssigned(pace)
    expect(mayAssign(pace, 0)).toBe(false)
  })

  test('a burst of refusals halves it once', () => {
    const pace = running(16, 16)
    for (let i = 0; i < 8; i++) onThrottled(pace, 1_000, 0, null)
    expect(pace.limit).toBe(8)
  })

  test('it never falls below one', () => {
    const pace = running(1, 1)
    for (let at = 1; at < 10; at++) {
      onThrottled(pace, at * 10_000, at * 10_000 - 1, null)
      onAssigned(pace)
    }
    expect(pace.limit).toBe(1)
  })

  test('it grows by one in a round of successes, and not beyond what there is', () => {
    const pace = running(4, 4)
    onThrottled(pace, 1, 0, null)
    expect(pace.limit).toBe(2)
    for (let i = 0; i < 40; i++) {
      onAssigned(pace)
      onSucceeded(pace)
    }
    expect(pace.limit).toBe(4)
  })
})

describe('pauses', () => {
  test('the time that the provider names is waited for, but no longer than ten minutes', () => {
    const pace = running(4, 2)
    onThrottled(pace, 1_000, 0, 5_000)
    expect(mayAssign(pace, 5_999)).toBe(false)
    expect(mayAssign(pace, 6_000)).toBe(true)
    onThrottled(pace, 1_000, 0, Number.MAX_SAFE_INTEGER)
    expect(pace.pausedUntil).toBe(601_000)
  })

  test('a shorter pause does not end a longer one', () => {
    const pace = running(4, 2)
    onThrottled(pace, 0, 0, 60_000)
    onThrottled(pace, 0, 0, 1_000)
    expect(pace.pausedUntil).toBe(60_000)
  })

  test('a used-up window is waited for when the provider says how long', () => {
    const pace = newPace(4)
    onLimits(pace, 0, { requestsRemaining: 0 }, 100)
    onLimits(pace, 0, { tokensRemaining: 100, resetMs: 9_000 }, 100)
    expect(pace.pausedUntil).toBe(0)
    onLimits(pace, 0, { tokensRemaining: 99, resetMs: 9_000 }, 100)
    expect(pace.pausedUntil).toBe(9_000)
  })
})

describe('the breaker', () => {
  function open(): Pace {
    const pace = running(10, BREAKER_FAILURES)
    for (let i = 0; i < BREAKER_FAILURES; i++) onUnavailable(pace, 0)
    return pace
  }

  test('opens after failures in a row, and lets one probe through when its time is over', () => {
    const pace = open()
    expect(mayAssign(pace, BREAKER_OPEN_MS - 1)).toBe(false)
    expect(mayAssign(pace, BREAKER_OPEN_MS)).toBe(true)
    onAssigned(pace)
    expect(mayAssign(pace, BREAKER_OPEN_MS)).toBe(false)
  })

  test('closes when the probe succeeds, and stays open when it fails or says nothing', () => {
    const [good, bad, silent] = [open(), open(), open()]
    for (const pace of [good, bad, silent]) onAssigned(pace)
    onSucceeded(good)
    onUnavailable(bad, BREAKER_OPEN_MS)
    onReleased(silent)
    expect([good.breaker, bad.breaker, silent.breaker]).toEqual(['closed', 'open', 'open'])
    expect(bad.pausedUntil).toBe(2 * BREAKER_OPEN_MS)
    expect(mayAssign(silent, BREAKER_OPEN_MS)).toBe(true)
  })

  test('a success in between starts the count anew', () => {
    const pace = running(10, 10)
    for (let i = 0; i < BREAKER_FAILURES - 1; i++) onUnavailable(pace, 0)
    onSucceeded(pace)
    onUnavailable(pace, 0)
    expect(pace.breaker).toBe('closed')
  })
})
