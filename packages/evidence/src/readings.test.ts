import { describe, expect, it } from 'vitest'
import { assess } from './assess.ts'
import { Readings } from './readings.ts'
import { claimOf } from './testing/documents.ts'

describe('Readings', () => {
  const one = claimOf('The raft is due for service on 14 May 2027.', [
    'The service of the raft is due on 14 May 2027.',
    'The raft: next service due 14 May 2027, said the owner.',
  ])

  it('give the same assessment to whoever shares them, whatever was read before', () => {
    const readings = new Readings()
    const other = claimOf('The raft is due for service on 14 May 2027.', [
      'The service of the raft is due on 14 June 2027.',
    ])
    for (const { claim, index } of [other, one, other, one]) {
      // Both indexes name their passages alike, so that one's reading must not be taken for the other's.
      expect(assess(claim, index.passage, readings)).toEqual(assess(claim, index.passage))
    }
  })

  it('keep what was read of a passage, and read a changed one again', () => {
    const readings = new Readings()
    const passage = one.index.passage(one.claim.supports[0]?.source ?? ('' as never), 0)
    if (passage === undefined) throw new Error('no passage')
    const first = readings.of(passage)
    expect(readings.of({ ...passage })).toBe(first)
    expect(readings.of({ ...passage, text: 'Due on 1 June 2027.' }).values).toContain('2027-06-01')
    expect(readings.of({ ...passage, headings: ['1 July 2027'] }).values).toContain('2027-07-01')
  })

  it('forget the oldest when they are many', () => {
    const readings = new Readings()
    const passage = one.index.passage(one.claim.supports[0]?.source ?? ('' as never), 0)
    if (passage === undefined) throw new Error('no passage')
    const first = readings.of(passage)
    for (let at = 1; at <= 1000; at++) readings.of({ ...passage, passage: at })
    expect(readings.of(passage)).not.toBe(first)
  })
})
