import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['10m', 600_000],
  ['2h', 7_200_000],
  ['1h30m', 5_400_000],
  ['30d', 2_592_000_000],
  ['0s', 0],
])('reads %s as %d milliseconds', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds)
})

test.each([
  '',
  '10',
  '1.5h',
  '-1s',
  '1m1h',
  '1h1h',
  '1 h',
  's',
  '1w',
  '1H',
  '1e3s',
  '10m ',
  '9999999999s',
  '１s',
])('does not take %j for a duration', (text) => {
  expect(parseDuration(text)).toBeNull()
})

test.each([
  [0, '0s'],
  [500, '500ms'],
  [90_000, '1m30s'],
  [5_400_000, '1h30m'],
  [86_400_001, '1d1ms'],
])('writes %d milliseconds as %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text)
})

test('reads back whatever it writes', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 31 - 1 }), (milliseconds) => {
      expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds)
    }),
  )
})
