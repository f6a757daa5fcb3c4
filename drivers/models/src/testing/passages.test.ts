import { expect, it } from 'vitest'
import { readPassages } from './passages.ts'

it('reads numbered passages with their text, up to the next number', () => {
  expect(readPassages('Question?\n[1] The yacht\nis Meridian.\n\n[12] The tender [3] is Dot.')).toEqual([
    { number: 1, text: 'The yacht\nis Meridian.' },
    { number: 12, text: 'The tender [3] is Dot.' },
  ])
  expect(readPassages('none')).toEqual([])
})
