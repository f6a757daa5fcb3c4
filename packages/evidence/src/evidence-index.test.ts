import { describe, expect, it } from 'vitest'
import { createEvidenceIndex } from './evidence-index.ts'
import { documentOf, sourceOf } from './testing/documents.ts'

const index = createEvidenceIndex([
  documentOf(
    'engine.txt',
    '# Engine log',
    'The starboard engine is due for service.',
    '## Fuel',
    'Diesel: 1,350 litres.',
  ),
  documentOf(
    'contract.txt',
    '# Amarrage',
    'Le port de Saint-Énimie reçoit la redevance.',
    'The raft serial is HBA-8-55217.',
  ),
  documentOf('notes.txt', 'We keep the papers in the drawer.', 'Engines like oil.'),
])
const names = (query: string) => index.search(query, 5).map(({ name }) => name)

describe('createEvidenceIndex', () => {
  it('finds words in other forms, without accents and in headings', () => {
    expect(names('servicing engines')[0]).toBe('engine.txt')
    expect(names('enimie')).toEqual(['contract.txt'])
    expect(names('fuel')).toEqual(['engine.txt'])
  })

  it('keeps numbers and codes whole', () => {
    expect(names('1350')).toEqual(['engine.txt'])
    expect(names('HBA-8-55217')).toEqual(['contract.txt'])
    expect(names('HBA855217')).toEqual(['contract.txt'])
  })

  it('finds hand-over and handover alike', () => {
    const both = createEvidenceIndex([
      documentOf('a', 'The hand-over is on Monday.'),
      documentOf('b', 'Handover notes here.'),
    ])
    expect(
      both
        .search('handover', 5)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['a', 'b'])
  })

  it('finds nothing for words that stand nowhere, stop words and no words', () => {
    for (const query of ['zeppelin', 'what is the', '', '???']) expect(index.search(query, 5)).toEqual([])
    expect(index.search('engine', 0)).toEqual([])
    expect(createEvidenceIndex([]).search('engine', 5)).toEqual([])
  })

  it('keeps the order of the evidence where scores are equal', () => {
    const twins = createEvidenceIndex(['c', 'a', 'b'].map((name) => documentOf(name, 'The same words here.')))
    expect(twins.search('words', 3, { diversity: 0 }).map(({ name }) => name)).toEqual(['c', 'a', 'b'])
    expect(twins.search('words', 3)).toEqual(twins.search('words', 3))
  })

  it('prefers something new to a repetition', () => {
    const copies = createEvidenceIndex([
      documentOf('one', 'Engine oil must be changed every year by the yard.'),
      documentOf('copy', 'Engine oil must be changed every year by the yard.'),
      documentOf('other', 'Oil of the gearbox: ask the maker of the engine for its grade.'),
    ])
    expect(copies.search('engine oil', 2, { diversity: 0.5 }).map(({ name }) => name)).toEqual([
      'one',
      'other',
    ])
  })

  it('indexes a source once, and looks passages up by source and number', () => {
    const twice = createEvidenceIndex([documentOf('a', 'One.'), documentOf('a', 'One.')])
    expect(twice.documents).toHaveLength(1)
    expect(index.passage(sourceOf('engine.txt'), 1)?.text).toBe('Diesel: 1,350 litres.')
    for (const at of [-1, 2, 0.5, Number.NaN])
      expect(index.passage(sourceOf('engine.txt'), at)).toBeUndefined()
    expect(index.passage(sourceOf('gone'), 0)).toBeUndefined()
  })

  it('lists the headings of each document', () => {
    expect(index.headings().map(({ headings }) => headings)).toEqual([
      ['Engine log', 'Fuel'],
      ['Amarrage'],
      [],
    ])
  })
})
