import { describe, expect, it } from 'vitest'
import { parsePrice, parsePriceOption } from './parse-price.ts'

describe('parsePrice', () => {
  it('reads dollars per million tokens', () => {
    expect(parsePrice('lab/x', { input: 0.08, output: '5', cache_read: 0.01, cache_write: 0.1 })).toEqual({
      ok: true,
      price: {
        model: 'lab/x',
        input: 80_000,
        cacheRead: 10_000,
        cacheWrite: 100_000,
        output: 5_000_000,
        source: 'set by the user',
      },
    })
  })

  it('charges cached input as input when nothing else is said', () => {
    expect(parsePrice('lab/x', { input: 1, output: 2 })).toMatchObject({
      price: { cacheRead: 1_000_000, cacheWrite: 1_000_000 },
    })
  })

  it('reports every fault together', () => {
    const parsed = parsePrice('lab/x', { input: -1, cached: 2, cache_read: true })
    expect(parsed.ok ? [] : parsed.faults).toEqual([
      'the price of "lab/x", input: "-1" is not an amount in US dollars; write it as in 1.50',
      'the price of "lab/x" has "cached", which is none of input, output, cache_read, cache_write',
      'the price of "lab/x", cache_read: true is not an amount in US dollars',
      'the price of "lab/x" lacks "output"',
    ])
  })

  it.each([null, 1, 'x', []])('refuses %j', (value) => {
    expect(parsePrice('lab/x', value).ok).toBe(false)
  })
})

describe('parsePriceOption', () => {
  it('reads a model whose name has colons and slashes', () => {
    expect(parsePriceOption('openrouter/meta/llama3:8b=input:0.1,output:0.2')).toMatchObject({
      ok: true,
      price: { model: 'openrouter/meta/llama3:8b', input: 100_000, output: 200_000 },
    })
  })

  it('refuses a member called __proto__ like any other that prices do not have', () => {
    expect(parsePriceOption('lab/x=input:1,output:2,__proto__:3')).toEqual({
      ok: false,
      faults: [
        'the price of "lab/x" has "__proto__", which is none of input, output, cache_read, cache_write',
      ],
    })
  })

  it.each([
    'x',
    'claude=input:1,output:2',
    'a/b',
    'a/b=',
    'a/b=input',
    'a/b=input:1:2',
    'a/b=input:1,input:2,output:1',
  ])('refuses "%s" with an example', (text) => {
    const parsed = parsePriceOption(text)
    expect(parsed.ok ? '' : parsed.faults.join()).toContain('input:1.00')
  })
})
