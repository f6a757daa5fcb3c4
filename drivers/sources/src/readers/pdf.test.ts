import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makePdf } from '../testing/make-pdf.ts'
import { blocksOf, outline, readText } from '../testing/read.ts'

const said: unknown[] = []
beforeEach(() => {
  said.length = 0
  for (const method of ['log', 'warn', 'error', 'info'] as const)
    vi.spyOn(console, method).mockImplementation((...words) => void said.push(words))
})
afterEach(() => {
  expect(said).toEqual([])
  vi.restoreAllMocks()
})

const manual = makePdf([
  [
    { text: 'Manual, page 1', x: 50, y: 30, size: 8 },
    { text: 'Service', x: 50, y: 780, size: 18 },
    { text: 'The raw-water pump has to be looked at before every season, and its mainte-', x: 50, y: 750 },
    {
      text: 'nance is recorded. Anything more means that the bearing of the raw-water pump or raw-',
      x: 50,
      y: 738,
    },
    { text: 'water seal is going.', x: 50, y: 726 },
    { text: 'A second paragraph.', x: 50, y: 700 },
    { text: '4.1 Exhaust elbow', x: 50, y: 670, bold: true },
    { text: '\x95 First, look.', x: 50, y: 650 },
    { text: '\x95 Then act.', x: 50, y: 638 },
    { text: 'Item', x: 50, y: 600, bold: true },
    { text: 'TD9-570', x: 200, y: 600, bold: true },
    { text: 'TD9-670', x: 300, y: 600, bold: true },
    { text: 'Rated speed', x: 50, y: 586 },
    { text: '2,300 rpm', x: 200, y: 586 },
    { text: '2,250 rpm', x: 300, y: 586 },
    { text: 'Oil', x: 50, y: 572 },
    { text: '28 litres', x: 300, y: 572 },
  ],
  [
    { text: 'Manual, page 2', x: 50, y: 30, size: 8 },
    { text: 'On the second page.', x: 50, y: 780 },
  ],
])

test('reads paragraphs, headings, items and tables, with pages', async () => {
  expect(await blocksOf('a.pdf', manual)).toEqual([
    { kind: 'heading', level: 1, text: 'Service', place: { page: 1 } },
    {
      kind: 'text',
      text: 'The raw-water pump has to be looked at before every season, and its maintenance is recorded. Anything more means that the bearing of the raw-water pump or raw-water seal is going.',
      place: { page: 1 },
    },
    { kind: 'text', text: 'A second paragraph.', place: { page: 1 } },
    { kind: 'heading', level: 2, text: '4.1 Exhaust elbow', place: { page: 1 } },
    { kind: 'item', text: 'First, look.', place: { page: 1 } },
    { kind: 'item', text: 'Then act.', place: { page: 1 } },
    { kind: 'row', text: 'Item: Rated speed; TD9-570: 2,300 rpm; TD9-670: 2,250 rpm', place: { page: 1 } },
    { kind: 'row', text: 'Item: Oil; TD9-670: 28 litres', place: { page: 1 } },
    { kind: 'text', text: 'On the second page.', place: { page: 2 } },
  ])
})

test('leaves the bytes it was given as they are', async () => {
  const bytes = new Uint8Array(manual)
  await outline('a.pdf', bytes)
  expect(bytes).toEqual(new Uint8Array(manual))
})

test('knows a PDF by its first bytes, whatever it is called', async () => {
  expect((await readText('manual', manual)).source.document).toMatchObject({
    reader: 'pdf/1',
    mediaType: 'application/pdf',
  })
})

test('says which pages are pictures only', async () => {
  const { problems } = await readText('a.pdf', makePdf([[{ text: 'Words.', x: 50, y: 700 }], [], []]))
  expect(problems).toEqual([
    {
      name: 'a.pdf',
      code: 'no-text',
      detail:
        'a.pdf has no text layer on pages 2, 3. Run OCR first (for example ocrmypdf) and name the result.',
    },
  ])
  await expect(readText('scan.pdf', makePdf([[], []]))).rejects.toMatchObject({
    code: 'no-text',
    message: expect.stringContaining('OCR'),
  })
})

test('tells a protected file from a damaged one', async () => {
  const encrypted = readFileSync(new URL('../testing/encrypted.pdf', import.meta.url))
  await expect(readText('a.pdf', encrypted)).rejects.toMatchObject({
    code: 'encrypted',
    message: expect.stringContaining('password'),
  })
  await expect(readText('a.pdf', '%PDF-1.7\nnothing of a PDF follows')).rejects.toMatchObject({
    code: 'corrupt',
  })
  await expect(readText('a.pdf', 'no header at all')).rejects.toMatchObject({ code: 'corrupt' })
})

test('cut or changed anywhere, it is read in part or refused, and never fails otherwise', async () => {
  for (let length = 20; length < manual.length; length += 97) {
    const changed = new Uint8Array(manual)
    changed.fill(0x41, length, length + 12)
    for (const bytes of [manual.subarray(0, length), changed]) {
      const code = await readText('a.pdf', bytes).then(
        () => 'read',
        (error: { code?: string }) => error.code,
      )
      expect(['read', 'corrupt', 'no-text', 'incomplete']).toContain(code)
    }
  }
})
