import { describe, expect, it } from 'vitest'
import { createEvidenceIndex } from './evidence-index.ts'
import { findRelated } from './find-related.ts'
import { documentOf, quoteOf } from './testing/documents.ts'

/** What a second document says about a claim that is the whole of the first. */
function relationsOf(claim: string, ...other: string[]): string[] {
  const index = createEvidenceIndex([documentOf('own', claim), documentOf('other', ...other)])
  const found = findRelated({ text: claim, supports: [quoteOf(index, 'own', claim)] }, (query, limit) =>
    index.search(query, limit, { diversity: 0 }),
  )
  return found.map(({ relation, quote }) => `${relation}: ${quote.text}`)
}

const FEE = 'The mooring fee for berth C14 is €11,640.00 including VAT.'

describe('findRelated', () => {
  it('finds the same value said otherwise, and another value', () => {
    const same = 'For berth C14 the mooring fee comes to 11 640,00 € TTC.'.replace('11 640', '11\u00a0640')
    expect(relationsOf(FEE, same)).toEqual([`same: ${same}`])
    const other = 'The mooring fee for berth C14 is €12,480.00 including VAT.'
    expect(relationsOf(FEE, other)).toEqual([`different: ${other}`])
  })

  it.each([
    ['a figure of another tax', FEE, 'The mooring fee for berth C14 is €9,700.00.'],
    [
      'a reading of another day',
      'The engine meter showed 1,240 h on 20 January 2027.',
      'The engine meter showed 1,096 h on 16 April 2026.',
    ],
    [
      'a reading without a day',
      'The engine meter showed 1,240 h on 20 January 2027.',
      'The engine meter showed 1,096 h.',
    ],
    [
      'a date of another kind',
      'The raft service is due on 14 March 2027.',
      'The raft service was done on 14 March 2024.',
    ],
    [
      'a date whose kind is open',
      'The raft service is due on 14 March 2027.',
      'Raft service: 20 March 2027.',
    ],
    [
      'the other half of the sentence',
      'The yard hauls the yacht, and the travel-lift costs 720 EUR.',
      'The yard hauls the yacht, and the antifouling costs 3,950 EUR.',
    ],
    [
      'a long sentence about more',
      'The service interval is 36 months.',
      'The service interval of the generator, which the yard in the old harbour looks after together with the watermaker and the pumps, is 12 months.',
    ],
    ['nothing in common', FEE, 'The watermaker makes 120 litres an hour.'],
  ])('takes %s for no contradiction', (_, claim, other) => {
    expect(relationsOf(claim, other)).toEqual([])
  })

  it('lets a list of several values contradict nobody', () => {
    const prices = [
      'The mooring fee for berth C14 is €12,480.00 including VAT.',
      'The mooring fee for berth C14 is €13,000.00 including VAT.',
    ]
    expect(relationsOf(FEE, ...prices)).toEqual([])
  })

  it('lets a source that states the value contradict it nowhere', () => {
    const both = ['The mooring fee for berth C14 was €11,000.00 including VAT.', FEE.replace('The', 'This')]
    expect(relationsOf(FEE, ...both)).toEqual([`same: ${both[1]}`])
  })

  it('does not take the date of a row for its agreement when the figure differs', () => {
    const row = 'item: mooring fee, second instalment; date: 01/04/2027; amount EUR: 6.240,00'
    expect(
      relationsOf(
        'The second instalment of the mooring fee, €5,820.00, is payable on 1 April 2027.',
        `| ${row}`,
      ),
    ).not.toContain(`same: ${row}`)
  })

  it('finds nothing for a claim without values', () => {
    expect(relationsOf('The berth is quiet.', 'The berth is quiet at night.')).toEqual([])
  })
})
