import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromBase64, toBase64 } from './base64.ts'

it('writes and reads what Node does', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64')
      expect(toBase64(bytes)).toBe(text)
      expect(fromBase64(text)).toEqual(bytes)
    }),
  )
})

it('reads no text but the one it writes', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'AQgw/+=-_ \n\u0141é'), maxLength: 12 }), (text) => {
      const bytes = fromBase64(text)
      if (bytes !== undefined) expect(toBase64(bytes)).toBe(text)
    }),
    { numRuns: 5_000 },
  )
})

it.each(['QQ', 'QQ=', 'QR==', 'QUJ=', 'Q Q=', '====', 'QQ==\n', 'QUI-', 'QUI_', '=QQ=', 'QQ==QQ=='])(
  'refuses %j',
  (text) => {
    expect(fromBase64(text)).toBeUndefined()
  },
)
