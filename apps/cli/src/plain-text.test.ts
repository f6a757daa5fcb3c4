import { expect, it } from 'vitest'
import { oneLine, plainText } from './plain-text.ts'

it('shows control characters, so that nobody can move the cursor or turn the text round', () => {
  expect(plainText('a\u001b[2Jb\rc\u202ed\u2028e\u0085f')).toBe(
    'a\\u{1b}[2Jb\\u{d}c\\u{202e}d\\u{2028}e\\u{85}f',
  )
})

it('leaves line breaks, tabs, letters of all scripts and joined emoji as they are', () => {
  const text = 'é 漢字 ﷽\n\t👩‍🚀'
  expect(plainText(text)).toBe(text)
})

it('puts text on one line and cuts it by characters, not by halves of them', () => {
  expect(oneLine(' a\n\n b\tc ')).toBe('a b c')
  expect(oneLine('🚀🚀🚀🚀', 3)).toBe('🚀🚀…')
})
