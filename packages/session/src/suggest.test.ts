import { expect, test } from 'vitest'
import { didYouMean, suggest } from './suggest.ts'

const keys = ['mission', 'objective', 'tasks', 'timeout', 'budget']

test.each([
  ['objectve', 'objective'],
  ['Budget', 'budget'],
  ['taks', 'tasks'],
  ['time-out', 'timeout'],
  ['misison', 'mission'],
])('takes %s for %s', (word, meant) => {
  expect(suggest(word, keys)).toBe(meant)
})

test.each(['', 'x', 'deadline', '__proto__', 'm'.repeat(1_000_000)])(
  'has no idea what %.20s may mean',
  (word) => {
    expect(suggest(word, keys)).toBeNull()
  },
)

test('prefers the nearest', () => {
  expect(suggest('engine', ['engines-2', 'engines', 'engin'])).toBe('engines')
})

test('puts the suggestion as a question', () => {
  expect(didYouMean('taks', keys)).toBe('; did you mean "tasks"?')
  expect(didYouMean('zzz', keys)).toBe('')
})
