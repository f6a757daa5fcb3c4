import { expect, test } from 'vitest'
import { blocksOf, outline, readText } from '../testing/read.ts'

test('makes rows of mappings and lists, with lines, figures and dates as written', async () => {
  const text =
    '# Hours are hour-meter readings.\nvessel: Meridian\nupdated: 2027-01-28\nbeam: 4.80\nengines:\n  - name: port\n    notes: >\n      needs\n      nothing\n  - name: starboard\n'
  expect(await blocksOf('a.yaml', text)).toEqual([
    { kind: 'text', text: 'Hours are hour-meter readings.', place: { line: 1 } },
    { kind: 'row', text: 'vessel: Meridian', place: { line: 2 } },
    { kind: 'row', text: 'updated: 2027-01-28', place: { line: 3 } },
    { kind: 'row', text: 'beam: 4.80', place: { line: 4 } },
    { kind: 'heading', level: 1, text: 'engines', place: { line: 6 } },
    { kind: 'row', text: 'name: port; notes: needs nothing', place: { line: 6 } },
    { kind: 'row', text: 'name: starboard', place: { line: 10 } },
  ])
})

test('reads several documents, aliases and merge keys', async () => {
  expect(
    await outline('a.yml', 'base: &b {oil: 28 litres}\nport:\n  <<: *b\n  hours: 5\n---\nsecond: yes\n'),
  ).toEqual([
    'heading1 base',
    'row base.oil: 28 litres',
    'heading1 port',
    'row port.oil: 28 litres',
    'row port.hours: 5',
    'row second: yes',
  ])
})

test.each([
  [
    'a bomb of aliases',
    `a0: &a0 [x, x]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]`).join('\n')}\n`,
  ],
  ['an alias of what it is in', 'a: &a\n  b: *a\n'],
  ['a fault', 'a: [1, 2\nb: }\n'],
])('reads %s as text and says so', async (_, text) => {
  const { source, problems } = await readText('a.yaml', text)
  expect(source.document.blocks.length).toBeGreaterThan(0)
  expect(problems).toMatchObject([{ code: 'read-as-text' }])
})
