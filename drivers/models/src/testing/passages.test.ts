import { expect, it } from 'vitest'
import { readPassages } from './passages.ts'

it('reads the lines that a prompt numbers', () => {
  const prompt =
    '<evidence>\n# Survey [2026] › Hull\n[1] The yacht is Meridian.\n[12] The tender [3] is Dot.\n  supported by [13] Yes.\n</evidence>'
  expect(readPassages(prompt)).toEqual([
    { number: 1, text: 'The yacht is Meridian.' },
    { number: 12, text: 'The tender [3] is Dot.' },
    { number: 13, text: 'Yes.' },
  ])
  expect(readPassages('none')).toEqual([])
})
