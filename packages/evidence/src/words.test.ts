import fc from 'fast-check'
import { expect, it } from 'vitest'
import { forEachToken, termsOf } from './words.ts'

const tokens = (text: string): [string, number][] => {
  const found: [string, number][] = []
  forEachToken(text, (token, start) => found.push([token, start]))
  return found
}

it('finds the same tokens in plain ASCII as beside any other letter', () => {
  const text = fc.string({ unit: fc.constantFrom(...'aZ09 -./_,\'@+;:()\n"x') })
  fc.assert(
    fc.property(text, (ascii) => {
      // An accented letter at the end, parted from the rest, sends the text the other way.
      expect([...tokens(ascii), ['é', ascii.length + 1]]).toEqual(tokens(`${ascii} é`))
    }),
    { numRuns: 500 },
  )
})

it('takes spellings and forms of a word for one, and keeps codes whole', () => {
  expect(termsOf('Licenses, licensed; the licence')).toEqual(['licenc', 'licenc', 'licenc'])
  expect(termsOf('TD9-41877 and 1,350 hand-over')).toEqual([
    'td941877',
    'td9',
    '41877',
    '1350',
    '350',
    'hand',
    'handover',
  ])
})
