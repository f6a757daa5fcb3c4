import { canonicalize, type Json, parseCanonical } from '@infrafabric/protocol'
import writeCanonical from 'canonicalize'
import { describe, expect, test } from 'vitest'
import vectors from './rfc8785.json' with { type: 'json' }

describe.each(vectors)('$name', ({ input, output_hex: hex, order }) => {
  const value = JSON.parse(input) as Json
  const written = canonicalize(value)

  test('is written as the RFC writes it, and as another implementation does', () => {
    if (hex !== undefined) expect(Buffer.from(written).toString('hex')).toBe(hex)
    if (order !== undefined)
      expect(Object.values(JSON.parse(written) as object).sort(byPlace(written))).toEqual(order)
    expect(written).toBe(writeCanonical(value))
  })

  test('is accepted as it is written, and refused as it was given', () => {
    expect(parseCanonical(written)).toEqual({ ok: true, value })
    expect(parseCanonical(input)).toMatchObject({ ok: false, code: 'not-canonical' })
  })
})

/** JSON.parse moves members that look like numbers to the front: the text tells the order. */
function byPlace(text: string): (one: string, other: string) => number {
  return (one, other) => text.indexOf(`"${one}"`) - text.indexOf(`"${other}"`)
}
