import { expect, it } from 'vitest'
import { plainJson } from './plain-json.ts'

it('keeps plain values as they are', () => {
  const value = { text: 'Größe 😀', list: [1, null, true], nested: { a: 'b' } }
  expect(plainJson(value)).toEqual(value)
})

it('reads nothing, undefined members and what JSON leaves out as JSON does', () => {
  expect(plainJson(undefined)).toBeNull()
  expect(plainJson({ a: undefined, b: Number.NaN, c: new Date(0) })).toEqual({
    b: null,
    c: '1970-01-01T00:00:00.000Z',
  })
})

it('replaces what no message may contain', () => {
  expect(plainJson({ '\uD800': ['a\uDC00b', '\uFFFE', '\uFFFF'] })).toEqual({
    '\uFFFD': ['a\uFFFDb', '\uFFFD', '\uFFFD'],
  })
})

it('refuses circles, big integers and deep nesting', () => {
  const circle: unknown[] = []
  circle.push(circle)
  expect(() => plainJson(circle)).toThrow(TypeError)
  expect(() => plainJson(1n)).toThrow(TypeError)
  expect(() => plainJson(JSON.parse(`${'['.repeat(25)}${']'.repeat(25)}`))).toThrow(RangeError)
  expect(() => plainJson(JSON.parse(`${'['.repeat(24)}${']'.repeat(24)}`))).not.toThrow()
})
