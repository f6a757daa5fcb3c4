import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { factsOf } from './facts.ts'

/** Kind, unit and readings of each fact that is no name. */
function read(text: string): string[] {
  return factsOf(text)
    .filter(({ kind }) => kind !== 'name')
    .map(
      ({ kind, unit, values, naming }) =>
        `${kind} ${values.join('|')}${unit === '' ? '' : ` ${unit}`}${naming ? ' (naming)' : ''}`,
    )
}

describe('factsOf', () => {
  it.each([
    ['1,240 hours', 'figure 4464000 s'],
    ['1 240 h', 'figure 4464000 s'],
    ['1240h', 'figure 4464000 s'],
    ["1'240 hours", 'figure 4464000 s'],
    ['1.240 h', 'figure 4464000|4464 s'],
    ['€5,820.00', 'figure 5820 EUR'],
    ['5\u202f820,00\u202f€', 'figure 5820 EUR'],
    ['3.432,00 EUR', 'figure 3432 EUR'],
    ['EUR   640,000', 'figure 640000 EUR'],
    ['$1.5 million', 'figure 1500000 USD'],
    ['0.31 bar', 'figure 0.31 bar'],
    ['17.85 m', 'figure 17850 mm'],
    ['58 ft 7 in', 'figure 703 in'],
    ['20 %', 'figure 20 %'],
    ['9 to 13 litres', 'figure 9000..13000 ml'],
    ['-5 °C', 'figure -5 °C'],
    ['30 minutes', 'figure 1800 s'],
    ['port_engine_hours: 1240', 'figure 4464000 s'],
    ['total EUR: 3.432,00', 'figure 3432 EUR'],
    ['eur_per_litre: 1.74', 'figure 1.74'],
    ['the 1,250-hour service', 'figure 4500000 s (naming)'],
  ])('reads the figure of %s', (text, expected) => {
    expect(read(text)).toEqual([expected])
  })

  it.each([
    ['2027-03-14', '2027-03-14'],
    ['2027-03-14T09:00:00Z', '2027-03-14'],
    ['14 March 2027', '2027-03-14'],
    ['14th of March, 2027', '2027-03-14'],
    ['March 14, 2027', '2027-03-14'],
    ['14 MAR 2027', '2027-03-14'],
    ['14/03/2027', '2027-03-14'],
    ['03/14/2027', '2027-03-14'],
    ['14.03.2027', '2027-03-14'],
    ['03.04.2027', '2027-04-03'],
    ['03/04/2027', '2027-04-03|2027-03-04'],
    ['03/04/2027 and 30/09/2027', '2027-04-03'],
    ['03/04/2027 and 09/30/2027', '2027-03-04'],
    ['04/04/2027', '2027-04-04'],
    ['March 2027', '2027-03'],
    ['2027-03', '2027-03'],
    ['03/2027', '2027-03'],
    ['le 14 août 2027', '2027-08-14'],
    ['16 April', '--04-16'],
    ['in 2019', '2019'],
  ])('reads the date of %s', (text, expected) => {
    expect(read(text)[0]?.replace(/ \(.*/, '')).toBe(`date ${expected}`)
  })

  it('reads both days that share a month', () => {
    expect(read('26 to 30 March 2027')).toEqual(['date 2027-03-26', 'date 2027-03-30'])
  })

  it.each([
    ['MMSI 299 014 580', 'identifier 299014580'],
    ['MMSI: 299014580', 'identifier 299014580'],
    ['serial TD9-41877', 'identifier td941877'],
    ['policy LMM-Y-208841', 'identifier lmmy208841'],
    ['kit 9-8812', 'identifier 98812'],
    ['call sign QMDN7', 'identifier qmdn7'],
    ['version 1.2.3', 'version 1.2.3'],
    ['v2.0', 'version 2.0'],
    ['MIT License', 'licence MIT'],
    ['Apache License, Version 2.0', 'licence Apache-2.0'],
    ['"license": "BSD-3-Clause"', 'licence BSD-3-Clause'],
    ['at 10:00', 'time 10:00'],
    ['at 4:30 pm', 'time 16:30'],
  ])('reads %s', (text, expected) => {
    expect(read(text)).toContain(expected)
  })

  it('leaves addresses, ordinals and multipliers alone', () => {
    for (const text of [
      'see https://example.com/2027-03-14/12',
      'write to a12@example.com',
      'the 3rd of them',
      'twice: 2x',
    ]) {
      expect(read(text)).toEqual([])
    }
  })

  it('finds names of people and companies', () => {
    const names = factsOf('We asked Mr Edmund Farrow-Lisle and Larkholm Marine Mutual.').filter(
      ({ kind }) => kind === 'name',
    )
    expect(names.map(({ text }) => text)).toEqual(['Mr Edmund Farrow-Lisle', 'Larkholm Marine Mutual'])
  })

  it('takes the number style from the surroundings', () => {
    expect(factsOf('1.240 h', 'net 2.860,00 EUR, 1.240 h')[0]?.bare).toEqual(['1240'])
    expect(factsOf('1.240 m', 'about 0.19 bar and 1.240 m')[0]?.bare).toEqual(['1.24'])
  })

  it('gives each value the qualifiers of its own clause', () => {
    const facts = factsOf(
      'The hour meters stood at 1,312 h for the port engine and 1,240 h for the starboard engine.',
    )
    expect(facts.map(({ subject }) => subject.qualifiers)).toEqual([
      ['machine=engine', 'side=port'],
      ['machine=engine', 'side=starboard'],
    ])
  })

  it('does not take a harbour for the port side', () => {
    expect(factsOf('Port Valmeron opens at 10:00')[1]?.subject.qualifiers ?? []).toEqual([])
    expect(factsOf('listens on port 8080 for 30 s')[1]?.subject.qualifiers).toEqual([])
  })

  it('reads every style of the same number alike', () => {
    const styles: ((whole: number) => string)[] = [
      (n) => String(n),
      (n) => grouped(n, ','),
      (n) => grouped(n, '\u00a0'),
      (n) => grouped(n, '\u202f'),
      (n) => grouped(n, "'"),
    ]
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999 }), fc.constantFrom(...styles), (whole, style) => {
        expect(factsOf(`it ran ${style(whole)} hours`)[0]?.bare).toEqual([String(whole)])
      }),
    )
  })

  it('is total, and its spans lie in the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400, unit: 'binary' }), (text) => {
        for (const fact of factsOf(text)) expect(text.slice(fact.start, fact.end)).toBe(fact.text)
      }),
      { numRuns: 300 },
    )
  })
})

function grouped(whole: number, mark: string): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, mark)
}
