import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { costMicros, formatUsd, MoneyError, parseUsd, usageFault, worstCaseMicros } from './money.ts'
import type { ModelPrice, Usage } from './work.ts'

const haiku: ModelPrice = {
  model: 'anthropic/claude-haiku-4-5',
  input: 1_000_000,
  cacheRead: 100_000,
  cacheWrite: 1_250_000,
  output: 5_000_000,
  source: 'test',
}

function usage(counts: Partial<Usage>): Usage {
  return {
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    ...counts,
  }
}

describe('costMicros', () => {
  it('prices ten agents with 200k in and 20k out at three dollars', () => {
    const one = costMicros(usage({ inputTokens: 200_000, outputTokens: 20_000 }), haiku)
    expect(one * 10).toBe(3_000_000)
  })

  it('prices each token once: cached input at its own price, the rest as input', () => {
    const call = usage({ inputTokens: 1_000_000, cacheReadTokens: 600_000, cacheWriteTokens: 300_000 })
    expect(costMicros(call, haiku)).toBe(100_000 + 60_000 + 375_000)
  })

  it('prices reasoning tokens as the output they are part of, not again', () => {
    const call = usage({ outputTokens: 1_000, reasoningTokens: 900 })
    expect(costMicros(call, haiku)).toBe(5_000)
  })

  it('rounds a call up to a whole micro-dollar', () => {
    expect(costMicros(usage({ cacheReadTokens: 1, inputTokens: 1 }), haiku)).toBe(1)
    expect(costMicros(usage({}), haiku)).toBe(0)
  })

  it('is exact where floating point is not', () => {
    const price = { ...haiku, input: 75_000_001 }
    expect(costMicros(usage({ inputTokens: 999_999_999 }), price)).toBe(75_000_000_925)
  })

  it.each([
    [usage({ inputTokens: -1 }), 'inputTokens is -1'],
    [usage({ outputTokens: 1.5 }), 'outputTokens is 1.5'],
    [usage({ inputTokens: Number.NaN }), 'inputTokens is NaN'],
    [usage({ inputTokens: 10, cacheReadTokens: 6, cacheWriteTokens: 5 }), 'more than all 10 input tokens'],
    [usage({ outputTokens: 5, reasoningTokens: 6 }), 'more than all 5 output tokens'],
  ])('refuses impossible usage %#', (impossible, reason) => {
    expect(usageFault(impossible)).toContain(reason)
    expect(() => costMicros(impossible, haiku)).toThrow(reason)
  })

  it('refuses a price that is not whole micro-dollars', () => {
    expect(() => costMicros(usage({ inputTokens: 1 }), { ...haiku, input: 0.08 })).toThrow(MoneyError)
  })

  it('never exceeds the worst case of the same bounds', () => {
    fc.assert(
      fc.property(
        fc.nat(300_000),
        fc.nat(300_000),
        fc.nat(300_000),
        fc.nat(50_000),
        (plain, read, write, output) => {
          const call = usage({
            inputTokens: plain + read + write,
            cacheReadTokens: read,
            cacheWriteTokens: write,
            outputTokens: output,
            reasoningTokens: output,
          })
          expect(costMicros(call, haiku)).toBeLessThanOrEqual(
            worstCaseMicros(call.inputTokens, output, haiku),
          )
        },
      ),
    )
  })
})

describe('worstCaseMicros', () => {
  it('takes the dearest price that input can have', () => {
    expect(worstCaseMicros(1_000_000, 0, haiku)).toBe(1_250_000)
    expect(worstCaseMicros(0, 1_000, haiku)).toBe(5_000)
  })
})

describe('formatUsd', () => {
  it.each([
    [0, '$0.00'],
    [50_000, '$0.05'],
    [1_234, '$0.001234'],
    [120_000, '$0.12'],
    [1_500_000, '$1.50'],
    [1, '$0.000001'],
    [-1_000_000, '-$1.00'],
  ])('writes %d as %s', (micros, text) => {
    expect(formatUsd(micros)).toBe(text)
  })

  it('refuses a fraction of a micro-dollar', () => {
    expect(() => formatUsd(0.5)).toThrow(MoneyError)
  })
})

describe('parseUsd', () => {
  it.each([
    ['1.00', 1_000_000],
    ['$0.05', 50_000],
    [0.05, 50_000],
    [0.08, 80_000],
    [1e-6, 1],
    [' 3 ', 3_000_000],
    ['0.000001', 1],
    ['1.10000000', 1_100_000],
  ])('reads %s as %d micro-dollars', (amount, micros) => {
    expect(parseUsd(amount)).toBe(micros)
  })

  it.each(['', '-1', '1,50', 'one dollar', '0.0000001', '1e300', 'NaN', 'Infinity', '1e99999', '.5'])(
    'refuses "%s"',
    (amount) => {
      expect(() => parseUsd(amount)).toThrow(MoneyError)
    },
  )

  it('reads back what formatUsd wrote', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (micros) => {
        expect(parseUsd(formatUsd(micros))).toBe(micros)
      }),
    )
  })
})

it('shows an amount that it refuses on one line, short, and without control characters', () => {
  expect(() => parseUsd('1\t.00')).toThrow('"1\\t.00" is not an amount')
  expect(() => parseUsd('\u001b[2J1')).toThrow('"\\u{1b}[2J1" is not an amount')
  expect(() => parseUsd('9'.repeat(100_000))).toThrow(/^"9{40}…" is more dollars/)
})
