import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ModelPrice } from '@infrafabric/session'
import { describe, expect, it } from 'vitest'
import { describePrice, PRICE_BOOK, priceOf } from './price-book.ts'

function price(model: string, at = new Date('2026-11-22')): ModelPrice {
  const found = priceOf(model, {}, { at })
  if (!found.ok) throw new Error(found.reason)
  return found.price
}

it('names the version of the price book that is installed', () => {
  const manifest = fileURLToPath(new URL('../package.json', import.meta.resolve(PRICE_BOOK.package)))
  expect(JSON.parse(readFileSync(manifest, 'utf8')).version).toBe(PRICE_BOOK.version)
})

describe('priceOf', () => {
  it('knows Claude Haiku 4.5 in whole micro-dollars, with date and source', () => {
    expect(price('anthropic/claude-haiku-4-5')).toEqual({
      model: 'anthropic/claude-haiku-4-5',
      input: 1_000_000,
      cacheRead: 100_000,
      cacheWrite: 1_250_000,
      output: 5_000_000,
      source: '@pydantic/genai-prices 0.1.8, 2026-09-23',
    })
  })

  it('converts decimals that floats cannot hold', () => {
    expect(price('anthropic/claude-3-5-haiku-20241022').cacheRead).toBe(80_000)
  })

  it('takes the dearest tier', () => {
    expect(price('anthropic/claude-sonnet-4-5')).toMatchObject({ input: 6_000_000, output: 22_500_000 })
  })

  it('takes the price that holds on the day', () => {
    expect(price('anthropic/claude-sonnet-4-6', new Date('2026-03-01')).input).toBe(6_000_000)
    expect(price('anthropic/claude-sonnet-4-6').input).toBe(3_000_000)
  })

  it('takes the dearest hour', () => {
    for (const hour of ['03', '05', '12']) {
      expect(price('deepseek/deepseek-v4-pro', new Date(`2026-11-22T${hour}:00:00Z`)).input).toBe(1_320_000)
    }
  })

  it('accepts dated editions and the regions of Bedrock', () => {
    expect(price('anthropic/claude-haiku-4-5-20251001').input).toBe(1_000_000)
    expect(price('bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0').input).toBe(1_100_000)
    expect(price('bedrock/global.anthropic.claude-haiku-4-5-20251001-v1:0').input).toBe(1_000_000)
    expect(price('openai/gpt-5-mini').cacheWrite).toBe(250_000)
  })

  it.each([
    'anthropic/claude-haiku-4-5',
    'anthropic/claude-sonnet-5',
    'anthropic/claude-sonnet-4-20250514',
    'bedrock/global.anthropic.claude-haiku-4-5-20251001-v1:0',
    'bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'openai/gpt-5-mini',
    'openai/gpt-5',
    'openrouter/anthropic/claude-haiku-4.5',
  ])('knows %s, as auto or a user may well choose it', (model) => {
    expect(price(model).output).toBeGreaterThan(price(model).input)
  })

  it('refuses a model newer than the price book instead of pricing it as its predecessor', () => {
    expect(priceOf('anthropic/claude-sonnet-5-5').ok).toBe(false)
    const found = priceOf('anthropic/claude-haiku-4-5-turbo')
    expect(found).toMatchObject({
      ok: false,
      reason: expect.stringContaining('the nearest name in it is "claude-haiku-4-5"'),
    })
  })

  it.each([
    'anthropic/claude-99',
    'nobody/claude-haiku-4-5',
    'openai-compatible/x',
    'claude-haiku-4-5',
    '',
    '__proto__/x',
  ])('refuses "%s", naming it and the remedy', (model) => {
    const found = priceOf(model)
    expect(found).toMatchObject({ ok: false, reason: expect.stringContaining(`"${model}"`) })
    expect(found).toMatchObject({ ok: false, reason: expect.stringContaining('--price') })
  })

  it('prefers the price that the user sets', () => {
    const own: ModelPrice = {
      model: 'lab/x',
      input: 1,
      cacheRead: 1,
      cacheWrite: 1,
      output: 2,
      source: 'set by the user',
    }
    expect(priceOf('lab/x', { 'lab/x': own })).toEqual({ ok: true, price: own })
  })

  it('charges nothing for a model on this machine', () => {
    expect(price('gguf/tiny.gguf')).toMatchObject({ input: 0, output: 0, source: 'this machine' })
    expect(priceOf('ollama/llama3.2', {}, { free: true })).toMatchObject({ ok: true, price: { output: 0 } })
  })
})

it('describes a price for people', () => {
  expect(describePrice(price('anthropic/claude-haiku-4-5'))).toContain(
    '$1.00 in, $5.00 out per million tokens',
  )
  expect(describePrice(price('gguf/x'))).toBe('free (this machine)')
})
