import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Block, Document } from './document.ts'
import { passagesOf } from './passages.ts'
import { documentOf, sourceOf } from './testing/documents.ts'

describe('passagesOf', () => {
  it('keeps paragraphs whole, carries headings, and joins neighbours until a passage is long enough', () => {
    const long = 'This sentence is repeated. '.repeat(14).trim()
    const passages = passagesOf(documentOf('a', '# Boat', 'Short one.', long, '## Engine', 'Another.'))
    expect(passages.map(({ headings, text }) => ({ headings, text }))).toEqual([
      { headings: ['Boat'], text: `Short one.\n\n${long}` },
      { headings: ['Boat', 'Engine'], text: 'Another.' },
    ])
    expect(passages.map(({ passage }) => passage)).toEqual([0, 1])
    expect(passages[0]?.place).toEqual({ line: 2, lineEnd: 3 })
  })

  it('puts items and rows on their own lines', () => {
    const [passage] = passagesOf(
      documentOf('a', 'Bring:', '- a passport', '- the deed\n of sale', '| a: 1; b: 2', '| a: 3; b: 4'),
    )
    expect(passage?.text).toBe('Bring:\n\n- a passport\n- the deed of sale\n\na: 1; b: 2\na: 3; b: 4')
  })

  it('cuts a long paragraph between sentences only', () => {
    const sentence = `A${' word'.repeat(60)} end.`
    const passages = passagesOf(documentOf('a', Array(9).fill(sentence).join(' ')))
    expect(passages.length).toBeGreaterThan(1)
    for (const { text } of passages) expect(text.endsWith('end.')).toBe(true)
  })

  it('cuts a sentence that is huge, and never a surrogate pair', () => {
    const passages = passagesOf(documentOf('a', '😀'.repeat(6000)))
    expect(passages.length).toBeGreaterThan(3)
    for (const { text } of passages) expect(text.isWellFormed()).toBe(true)
    expect(passages.map(({ text }) => text).join('')).toBe('😀'.repeat(6000))
  })

  it('marks every line of a quoted mail', () => {
    const [passage] = passagesOf(documentOf('a', '> The fee is due.\nPlease pay.'))
    expect(passage?.text).toBe('> The fee is due.\n> Please pay.')
  })

  it('makes a document of headings only quotable', () => {
    expect(passagesOf(documentOf('a', '# Title', '## MIT License')).map(({ text }) => text)).toEqual([
      'MIT License',
    ])
  })

  it('gives the same passages for the same document, and loses no word', () => {
    const blocks = fc.array(
      fc.record({
        kind: fc.constantFrom<Block['kind']>('heading', 'text', 'item', 'row', 'code'),
        text: fc
          .string({ minLength: 1, maxLength: 3000, unit: 'grapheme' })
          .filter((text) => text.trim() !== ''),
        place: fc.constant({ line: 1 }),
      }),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(blocks, (given) => {
        const document: Document = { ...documentOf('a'), source: sourceOf('a'), blocks: given }
        const passages = passagesOf(document)
        expect(passagesOf(structuredClone(document))).toEqual(passages)
        for (const { text } of passages) expect(text.trim()).not.toBe('')
        const words = (text: string): number => text.match(/[a-z0-9]/gi)?.length ?? 0
        const quoted = passages.reduce((sum, { text }) => sum + words(text), 0)
        const headings = given
          .filter(({ kind }) => kind === 'heading')
          .reduce((sum, { text }) => sum + words(text), 0)
        const all = given.reduce((sum, { text }) => sum + words(text), 0)
        expect(quoted).toBeGreaterThanOrEqual(all - headings)
      }),
      { numRuns: 150 },
    )
  })
})
