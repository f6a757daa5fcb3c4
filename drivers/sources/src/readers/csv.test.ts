import { expect, test } from 'vitest'
import { blocksOf, outline } from '../testing/read.ts'

test('names each cell by its column', async () => {
  expect(
    await blocksOf('a.csv', 'Date,Engine,Hours\r\n2026-04-02,starboard,"1,240"\r\n2026-04-03,port,\r\n'),
  ).toEqual([
    { kind: 'row', text: 'Date: 2026-04-02; Engine: starboard; Hours: 1,240', place: { line: 2 } },
    { kind: 'row', text: 'Date: 2026-04-03; Engine: port', place: { line: 3 } },
  ])
})

test.each([
  [
    'semicolons, with decimal commas',
    'item;net;total\nfee;610,00;732,00\nlift;2.150,00;2.580,00\n',
    'row item: fee; net: 610,00; total: 732,00',
  ],
  ['tabs', 'item\tnet\nfee\t610\nlift\t2150\n', 'row item: fee; net: 610'],
  ['bars', 'item|net\nfee|610\nlift|2150\n', 'row item: fee; net: 610'],
])('finds out %s', async (_, text, row) => {
  expect((await outline('a.csv', text))[0]).toBe(row)
})

test('keeps rows that are too short, too long, quoted wrongly or of several lines', async () => {
  const text = 'a,b\n1,2,3\n4\n"five\nsix",7\n8,"9" inch\nten,11'
  expect(await blocksOf('a.csv', text)).toEqual([
    { kind: 'row', text: 'a: 1; b: 2; 3', place: { line: 2 } },
    { kind: 'row', text: 'a: 4', place: { line: 3 } },
    { kind: 'row', text: 'a: five six; b: 7', place: { line: 4, lineEnd: 5 } },
    { kind: 'row', text: 'a: 8; b: "9" inch', place: { line: 6 } },
    { kind: 'row', text: 'a: ten; b: 11', place: { line: 7 } },
  ])
})

test('does not take figures for headers, nor a title for one', async () => {
  expect(await outline('a.csv', '2026-01-01,5\n2026-01-02,6\n')).toEqual([
    'row 2026-01-01: 5',
    'row 2026-01-02: 6',
  ])
  expect(await outline('a.csv', 'Fuel log 2026\n\ndate,litres\n2026-01-01,5\n2026-01-02,6\n')).toEqual([
    'text Fuel log 2026',
    'row date: 2026-01-01; litres: 5',
    'row date: 2026-01-02; litres: 6',
  ])
})

test('an open quote does not lose the rest of the file', async () => {
  expect((await outline('a.csv', 'a,b\n1,"open\n2,3\n4,5\n')).join(' ')).toContain('4')
})
