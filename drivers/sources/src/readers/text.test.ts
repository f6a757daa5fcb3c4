import { expect, test } from 'vitest'
import { blocksOf, outline } from '../testing/read.ts'

test('joins lines that were wrapped, and keeps those broken on purpose', async () => {
  const text = `PORT VALMERON
Capitainerie, Quai B

The second instalment of the mooring fee is payable on the first day of
April 2027. After fifteen days of delay the port adds 1.5 % a month, which
is not small.

With kind regards,
Ines
`
  expect(await blocksOf('contract.txt', text)).toEqual([
    { kind: 'text', text: 'PORT VALMERON\nCapitainerie, Quai B', place: { line: 1, lineEnd: 2 } },
    {
      kind: 'text',
      text: 'The second instalment of the mooring fee is payable on the first day of April 2027. After fifteen days of delay the port adds 1.5 % a month, which is not small.',
      place: { line: 4, lineEnd: 6 },
    },
    { kind: 'text', text: 'With kind regards,\nInes', place: { line: 8, lineEnd: 9 } },
  ])
})

test('keeps lists and columns, with the currency beside its figure', async () => {
  const text = `- Two sets of keys
- One brass key, for the
  flybridge lockers
1) First
2) Second

Policy no.               LMM-Y-208841
Hull and machinery              EUR   640,000
Fee ........................ 120.00
1st instalment   01/10/2026       5 820,00 TTC
`
  expect(await outline('list.txt', text)).toEqual([
    'item Two sets of keys',
    'item One brass key, for the\nflybridge lockers',
    'item 1) First',
    'item 2) Second',
    'row Policy no.: LMM-Y-208841',
    'row Hull and machinery: EUR 640,000',
    'row Fee: 120.00',
    'row 1st instalment; 01/10/2026; 5 820,00 TTC',
  ])
})

test('takes underlined, numbered and capital lines for headings', async () => {
  const text = `Report
======
Words.

2.  SUMS INSURED

Article 3.  Term

NEXT SERVICE

A line that is not one.
`
  expect(await outline('report.txt', text)).toEqual([
    'heading1 Report',
    'text Words.',
    'heading2 2. SUMS INSURED',
    'heading2 Article 3. Term',
    'heading2 NEXT SERVICE',
    'text A line that is not one.',
  ])
})

test('a figure at the start of a wrapped line begins no list', async () => {
  const text =
    'The cover ends on the last day of April in the year\n27. It is not renewed by silence or by any other such means.\n'
  expect(await blocksOf('a.txt', text)).toHaveLength(1)
})

test('keeps the lines of source code', async () => {
  expect(await blocksOf('a.py', 'def f(x):\n    return x\n\nprint(f(1))\n')).toEqual([
    { kind: 'code', text: 'def f(x):\n    return x', place: { line: 1, lineEnd: 2 } },
    { kind: 'code', text: 'print(f(1))', place: { line: 4, lineEnd: 4 } },
  ])
})
