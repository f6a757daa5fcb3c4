import reference from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalize, parseCanonical } from './canonical.ts'
import type { Json } from './json.ts'
import { ProtocolError } from './protocol-error.ts'

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

describe('canonicalize', () => {
  it('agrees with another implementation of RFC 8785 on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), (value) => {
        expect(canonicalize(value as Json)).toBe(reference(value))
      }),
      { numRuns: 1_000 },
    )
  })

  it('is a fixed point: what it writes is canonical', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = canonicalize(value as Json)
        expect(parseCanonical(text).ok).toBe(true)
        expect(canonicalize(JSON.parse(text))).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  // RFC 8785, appendix B: bits of a double and its text.
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the double %s as %s', (bits, text) => {
    const view = new DataView(new ArrayBuffer(8))
    view.setBigUint64(0, BigInt(`0x${bits}`))
    expect(canonicalize(view.getFloat64(0))).toBe(text)
  })

  it('writes the same whatever the order of the members', () => {
    const [inOrder, outOfOrder] = [
      { a: { x: 1, y: 'é' }, b: [{}] },
      { b: [{}], a: { y: 'é', x: 1 } },
    ]
    expect(canonicalize(outOfOrder)).toBe(canonicalize(inOrder))
    // JavaScript puts whole numbers first, by their value.
    expect(canonicalize({ 10: 0, 9: 0, A: 0, ' ': 0 })).toBe('{" ":0,"10":0,"9":0,"A":0}')
  })

  it('lets no value write itself', () => {
    class List extends Array<Json> {
      toJSON() {
        return 'forged'
      }
    }
    expect(canonicalize(new List(1, 2))).toBe('[1,2]')
    expect(() => canonicalize({ toJSON: () => 'forged' } as unknown as Json)).toThrow(ProtocolError)
  })

  it.each<[string, unknown]>([
    ['NaN', Number.NaN],
    ['an infinite number', Number.POSITIVE_INFINITY],
    ['a lone surrogate', 'a\ud800'],
    ['a lone surrogate in a member', { '\udc00': 1 }],
    ['undefined', { a: undefined }],
    ['a hole', new Array(1)],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalize(value as Json)).toThrow(ProtocolError)
  })

  it('takes 32 levels and refuses 33', () => {
    expect(canonicalize(JSON.parse(nested(32)))).toBe(nested(32))
    expect(() => canonicalize(JSON.parse(nested(33)))).toThrow('nested too deep')
  })

  it('refuses a cycle instead of following it', () => {
    const cycle: Json[] = []
    cycle.push(cycle)
    expect(() => canonicalize(cycle)).toThrow('nested too deep')
  })
})

describe('parseCanonical', () => {
  it('counts bytes, not characters', () => {
    expect(parseCanonical('"éé"', { bytesMax: 6 }).ok).toBe(true)
    expect(parseCanonical('"ééé"', { bytesMax: 6 })).toMatchObject({ ok: false, code: 'too-large' })
  })

  it('keeps a member called __proto__ a member', () => {
    const parsed = parseCanonical('{"__proto__":{"polluted":true}}')
    expect(parsed.ok && Object.hasOwn(parsed.value as object, '__proto__')).toBe(true)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it.each([
    ['members out of order', '{"b":1,"a":2}'],
    ['whole numbers in the order of their values', '{"9":1,"10":2}'],
    ['an escaped lone surrogate', '"\\ud800"'],
    ['a member twice', '{"a":1,"a":1}'],
  ])('refuses %s', (_, text) => {
    expect(parseCanonical(text)).toMatchObject({ ok: false, code: 'not-canonical' })
  })

  it('survives a bomb of brackets', () => {
    expect(parseCanonical(nested(200_000)).ok).toBe(false)
    expect(parseCanonical('['.repeat(1_000_000)).ok).toBe(false)
    expect(parseCanonical(nested(3), { depthMax: 2 })).toMatchObject({ ok: false, code: 'not-canonical' })
  })
})
