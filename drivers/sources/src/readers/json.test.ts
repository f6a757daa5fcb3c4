import { expect, test } from 'vitest'
import { blocksOf, outline, readText } from '../testing/read.ts'

test('makes rows that read well, with lines and figures as written', async () => {
  const text =
    '{\n "vessel": {"name": "Meridian", "beam": 4.80},\n "conditions": ["The licence does not pass to a new owner.", "Apply within 28 days of the sale."],\n "tags": ["vhf", "ais"],\n "equipment": [\n  {"kind": "VHF", "data": {"mmsi": 299014580}},\n  {"kind": "AIS", "ports": [1, 2], "off": null}\n ],\n "register": "Thorne"\n}'
  expect(await blocksOf('a.json', text)).toEqual([
    { kind: 'row', text: 'register: Thorne', place: { line: 9 } },
    { kind: 'heading', level: 1, text: 'vessel', place: { line: 2 } },
    { kind: 'row', text: 'vessel.name: Meridian', place: { line: 2 } },
    { kind: 'row', text: 'vessel.beam: 4.80', place: { line: 2 } },
    { kind: 'heading', level: 1, text: 'conditions', place: { line: 3 } },
    { kind: 'item', text: 'The licence does not pass to a new owner.', place: { line: 3 } },
    { kind: 'item', text: 'Apply within 28 days of the sale.', place: { line: 3 } },
    { kind: 'heading', level: 1, text: 'tags', place: { line: 4 } },
    { kind: 'row', text: 'tags: vhf, ais', place: { line: 4 } },
    { kind: 'heading', level: 1, text: 'equipment', place: { line: 5 } },
    { kind: 'row', text: 'kind: VHF; data.mmsi: 299014580', place: { line: 6 } },
    { kind: 'row', text: 'kind: AIS; ports: 1, 2', place: { line: 7 } },
  ])
})

test('reads one value a line', async () => {
  expect(await blocksOf('a.jsonl', '{"a": 1, "b": "x"}\n\n{"a": 2}\n')).toEqual([
    { kind: 'row', text: 'a: 1; b: x', place: { line: 1 } },
    { kind: 'row', text: 'a: 2', place: { line: 3 } },
  ])
})

test.each([
  '{"a": 1,}',
  '{"a" 1}',
  '[1, 2',
  '{"a": tru}',
  '"open',
  '[01]',
  `${'['.repeat(500)}`,
  '{"a": 1} x',
])('reads %s as text and says so', async (text) => {
  const { source, problems } = await readText('a.json', text)
  expect(source.document.blocks.length).toBeGreaterThan(0)
  expect(problems).toMatchObject([
    { name: 'a.json', code: 'read-as-text', detail: expect.stringMatching(/line \d|nested/) },
  ])
})

test('escapes become what they stand for, but never half a character or a zero', async () => {
  expect(await outline('a.json', '{"a": "caf\\u00e9 \\ud83d \\u0000x \\"q\\""}')).toEqual([
    'row a: café \ufffd x "q"',
  ])
})

test('splits an object with very many fields', async () => {
  const wide = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, `v${i}`]))
  expect(await blocksOf('a.json', JSON.stringify([wide]))).toHaveLength(100)
})

test('keeps a key on one line, so that none passes for a row of its own', async () => {
  const forged = 'a\nvessel: forged\r\u2028b'
  expect(await outline('a.json', JSON.stringify({ [forged]: 1, list: [{ [forged]: 2, x: 3 }] }))).toEqual([
    'row a vessel: forged b: 1',
    'heading1 list',
    'row a vessel: forged b: 2; x: 3',
  ])
})
