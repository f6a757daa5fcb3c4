import { expect, test } from 'vitest'
import { blocksOf, outline, readText } from '../testing/read.ts'

test('drops the marks and keeps the words, so that quotes read well', async () => {
  const text =
    '# The *day* itself\n\nCheck the **bilge** before [every start](https://x.example) with `snake_case`\nand ![a drawing](d.png).\n'
  expect(await blocksOf('a.md', text)).toEqual([
    { kind: 'heading', level: 1, text: 'The day itself', place: { line: 1 } },
    {
      kind: 'text',
      text: 'Check the bilge before every start with snake_case and a drawing.',
      place: { line: 3, lineEnd: 4 },
    },
  ])
  expect((await readText('a.md', text)).source.document.title).toBe('The day itself')
})

test('makes rows of tables, with the columns named', async () => {
  const text =
    '| Unit | Place | Result |\n|---|---|---|\n| 1 | Galley | passed |\n| 7 | Tender | **failed** |\n\n| | |\n|---|---|\n| Length | 3.40 m |\n'
  expect(await blocksOf('a.md', text)).toEqual([
    { kind: 'row', text: 'Unit: 1; Place: Galley; Result: passed', place: { line: 3 } },
    { kind: 'row', text: 'Unit: 7; Place: Tender; Result: failed', place: { line: 4 } },
    { kind: 'row', text: 'Length: 3.40 m', place: { line: 8 } },
  ])
})

test('keeps nested lists, code and quotes, and leaves badges out', async () => {
  const text = '[![npm](https://x/b.svg)](https://x)\n\n- one\n  - two\n\n> said\n\n```js\nlet a = 1\n```\n'
  expect(await outline('a.md', text)).toEqual(['item one', 'item two', 'text said', 'code let a = 1'])
})

test('reads front matter as rows, and counts lines from the top of the file', async () => {
  expect(await blocksOf('a.md', '---\ntitle: Survey\ndate: 2027-01-20\n---\n\nWords.\n')).toEqual([
    { kind: 'row', text: 'title: Survey', place: { line: 2 } },
    { kind: 'row', text: 'date: 2027-01-20', place: { line: 3 } },
    { kind: 'text', text: 'Words.', place: { line: 6 } },
  ])
})

test('a faulty front matter is read as words', async () => {
  expect(await outline('a.md', '---\n"a: [\n---\n\nWords.\n')).toContain('text Words.')
})

test('reads HTML inside', async () => {
  expect(await outline('a.md', 'a<br>b\n\n<table><tr><th>Key</th><td>brass</td></tr></table>\n')).toEqual([
    'text a\nb',
    'row Key: brass',
  ])
})
