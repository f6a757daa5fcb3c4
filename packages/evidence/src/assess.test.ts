import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assess } from './assess.ts'
import type { CitationStatus } from './claim.ts'
import { createEvidenceIndex } from './evidence-index.ts'
import { claimOf, documentOf, quoteOf, sourceOf } from './testing/documents.ts'

interface Trap {
  title: string
  claim: string
  supports: string[]
  contradicts?: string[]
  status: CitationStatus
}

const ENGINE = 'The starboard engine hour meter read 1,240 hours.'

const TRAPS: Trap[] = [
  {
    title: 'two sources that give the same figure',
    claim: ENGINE,
    supports: [ENGINE, 'By now the starboard engine meter shows 1240 h.'],
    status: 'verified',
  },
  {
    title: 'a thousands separator of another country',
    claim: ENGINE,
    supports: [ENGINE, 'The meter of the starboard engine is at 1.240 h.'],
    status: 'verified',
  },
  {
    title: '1.240 where the text shows a decimal point',
    claim: ENGINE,
    supports: [ENGINE, 'The starboard engine meter: 1.240 h, the pump 0.35 h.'],
    status: 'provisional',
  },
  {
    title: 'the other engine',
    claim: ENGINE,
    supports: [ENGINE, 'The port engine hour meter read 1,240 hours.'],
    status: 'provisional',
  },
  {
    title: 'a row that names the engine in its column',
    claim: ENGINE,
    supports: [ENGINE, '| date: 2027-01-20; port_engine_hours: 1312; starboard_engine_hours: 1240'],
    status: 'verified',
  },
  {
    title: 'a row with the figures of both engines exchanged',
    claim: ENGINE,
    supports: [ENGINE, '| date: 2027-01-20; port_engine_hours: 1240; starboard_engine_hours: 1312'],
    status: 'provisional',
  },
  {
    title: 'a sentence about both engines',
    claim: ENGINE,
    supports: [
      ENGINE,
      'The meters stood at 1,312 h for the port engine and 1,240 h for the starboard engine.',
    ],
    status: 'verified',
  },
  {
    title: 'another unit: litres',
    claim: ENGINE,
    supports: [ENGINE, 'The starboard engine has burnt 1,240 litres.'],
    status: 'provisional',
  },
  {
    title: 'another unit: feet for metres',
    claim: 'The draught of the yacht is 3 m.',
    supports: ['The draught of the yacht is 3 m.', 'The draught of the yacht is 3 ft.'],
    status: 'provisional',
  },
  {
    title: 'a unit that converts exactly',
    claim: 'The flush of the pump takes 0.5 hours.',
    supports: ['The flush of the pump takes 0.5 hours.', 'Flush the pump for 30 minutes.'],
    status: 'verified',
  },
  {
    title: 'another currency',
    claim: 'The berth costs EUR 5,820.',
    supports: ['The berth costs EUR 5,820.', 'The berth costs USD 5,820.'],
    status: 'provisional',
  },
  {
    title: 'net for gross',
    claim: 'The berth fee is €11,640.00 including VAT.',
    supports: ['The berth fee is €11,640.00 including VAT.', 'The berth fee is €11,640.00 net.'],
    status: 'provisional',
  },
  {
    title: 'two boats in sentences',
    claim: 'The engine of Meridian has run 1,240 hours.',
    supports: ['The engine of Meridian has run 1,240 hours.', 'The engine of Aurora has run 1,240 hours.'],
    status: 'provisional',
  },
  {
    title: 'two boats in headings',
    claim: 'The starboard engine has run 1,240 hours.',
    supports: [
      '# M/Y Meridian\nThe starboard engine has run 1,240 hours.',
      '# M/Y Aurora\nThe starboard engine has run 1,240 hours by now.',
    ],
    status: 'provisional',
  },
  {
    title: 'yacht and tender',
    claim: 'The yacht was built in March 2014.',
    supports: ['The yacht was built in March 2014.', 'The tender was built in March 2014.'],
    status: 'provisional',
  },
  {
    title: 'two serial numbers',
    claim: 'Engine TD9-41877 was serviced on 2 September 2026.',
    supports: [
      'Engine TD9-41877 was serviced on 2 September 2026.',
      'Engine TD9-41892 was serviced on 2 September 2026.',
    ],
    status: 'provisional',
  },
  {
    title: 'due for done',
    claim: 'The next service of the raft is due on 14 March 2027.',
    supports: [
      'The next service of the raft is due on 14 March 2027.',
      'The last service of the raft was done on 14 March 2027.',
    ],
    status: 'provisional',
  },
  {
    title: 'another way to write the date',
    claim: 'The raft service is due on 14 March 2027.',
    supports: ['The raft service is due on 14 March 2027.', '| item: raft; next_service: 2027-03-14'],
    status: 'verified',
  },
  {
    title: 'a month for a day',
    claim: 'The raft service is due on 14 March 2027.',
    supports: ['The raft service is due on 14 March 2027.', 'The raft service is due in March 2027.'],
    status: 'provisional',
  },
  {
    title: 'a day for a month',
    claim: 'The raft service is due in March 2027.',
    supports: ['The raft service is due in March 2027.', 'Next raft service due: 14 March 2027.'],
    status: 'verified',
  },
  {
    title: 'a date whose day and month may be swapped',
    claim: 'The fee is payable on 3 April 2027.',
    supports: ['The fee is payable on 3 April 2027.', 'The fee is payable on 03/04/2027.'],
    status: 'verified',
  },
  {
    title: 'a swapped date that the text settles',
    claim: 'The fee is payable on 3 April 2027.',
    supports: ['The fee is payable on 3 April 2027.', 'The fee is payable on 03/04/2027, not on 03/31/2027.'],
    status: 'provisional',
  },
  {
    title: 'a range for a figure',
    claim: 'The watermaker makes 120 litres an hour.',
    supports: ['The watermaker makes 120 litres an hour.', 'The watermaker makes 100 to 140 litres an hour.'],
    status: 'provisional',
  },
  {
    title: 'a denial',
    claim: 'The policy covers 5,000 EUR of theft.',
    supports: ['The policy covers 5,000 EUR of theft.', 'The policy does not cover 5,000 EUR of theft.'],
    status: 'provisional',
  },
  {
    title: 'one of two dates of the claim',
    claim: 'The contract runs from 1 October 2026 to 30 September 2027.',
    supports: [
      'The contract runs from 1 October 2026 to 30 September 2027.',
      'The contract ends on 30 September 2027.',
    ],
    status: 'provisional',
  },
  {
    title: 'a copy',
    claim: ENGINE,
    supports: [
      'We were told: the starboard engine hour meter read 1,240 hours that day.',
      'We were told: the starboard engine hour meter read 1,240 hours that day.',
    ],
    status: 'provisional',
  },
  {
    title: 'a copy with words around it',
    claim: ENGINE,
    supports: [
      'The surveyor noted that the starboard engine hour meter read 1,240 hours.',
      'Quote from the survey: The surveyor noted that the starboard engine hour meter read 1,240 hours.',
    ],
    status: 'provisional',
  },
  {
    title: 'two ambiguous figures written alike',
    claim: 'The tank holds 1.240 l of water.',
    supports: ['The tank holds 1.240 l of water.', 'Water tank: it holds 1.240 l.'],
    status: 'verified',
  },
  {
    title: 'a mail quoted in the reply',
    claim: 'The fee is 780 EUR for the raft.',
    supports: ['The fee is 780 EUR for the raft.', '> It is 780 EUR for this raft.'],
    status: 'provisional',
  },
  {
    title: 'a value that stands in no quote',
    claim: 'The fee is 780 EUR, payable on 14 March 2027.',
    supports: ['The fee is 780 EUR.', 'For the fee they take 780 EUR.'],
    status: 'unverified',
  },
  {
    title: 'a serial number that stands in no passage',
    claim: 'The raft HBA-8-55217 must be serviced before 14 March 2027.',
    supports: ['The raft must be serviced before 14 March 2027.'],
    status: 'unverified',
  },
  {
    title: 'a quote without the value',
    claim: ENGINE,
    supports: ['The starboard engine is in good order.'],
    status: 'unverified',
  },
  {
    title: 'no value, and words in common',
    claim: 'The radio licence does not pass to a new owner.',
    supports: [
      'The radio licence is personal and does not pass to a new owner.',
      'A radio licence does not pass on; a new owner applies again.',
    ],
    status: 'verified',
  },
  {
    title: 'no value, and the opposite',
    claim: 'The radio licence passes to the new owner.',
    supports: [
      'The radio licence passes to the new owner.',
      'The radio licence does not pass to the new owner.',
    ],
    status: 'provisional',
  },
  {
    title: 'no value, and other words',
    claim: 'The radio licence is personal.',
    supports: ['Diesel is sold at the fuel dock.'],
    status: 'unverified',
  },
  {
    title: 'another figure for the same subject',
    claim: 'The annual fee for berth C14 is €11,640.00 including VAT.',
    supports: ['The annual fee for berth C14 is €11,640.00 including VAT.'],
    contradicts: ['The annual fee for berth C14 is €12,480.00 including VAT.'],
    status: 'disputed',
  },
  {
    title: 'a contradiction that says the same',
    claim: 'The annual fee for berth C14 is €11,640.00 including VAT.',
    supports: ['The annual fee for berth C14 is €11,640.00 including VAT.'],
    contradicts: ['For berth C14 the annual fee is 11 640,00 € including VAT.'],
    status: 'provisional',
  },
]

describe('assess', () => {
  it.each(TRAPS)('$title: $status', ({ claim: text, supports, contradicts, status }) => {
    const { claim, index } = claimOf(text, supports, contradicts)
    const assessment = assess(claim, index.passage)
    expect({ status: assessment.status, ignored: assessment.ignored }).toMatchObject({ status })
    // Every quote is either counted or ignored for a reason.
    expect(assessment.counted.length + assessment.ignored.length).toBe(
      supports.length + (contradicts?.length ?? 0),
    )
  })

  it('says whether values or only the agent stand behind a dispute', () => {
    const fee = 'The annual fee for berth C14 is €11,640.00.'
    const differs = claimOf(fee, [fee], ['The annual fee for berth C14 is €12,480.00.'])
    expect(assess(differs.claim, differs.index.passage)).toMatchObject({ status: 'disputed', by: 'values' })
    const declared = claimOf(fee, [fee], ['The harbour sets its fees in May.'])
    expect(assess(declared.claim, declared.index.passage)).toMatchObject({
      status: 'disputed',
      by: 'declared',
    })
  })

  it('does not let a licence of one package confirm another', () => {
    const index = createEvidenceIndex([
      documentOf('node_modules/zod/package.json', '| license: MIT; name: zod'),
      documentOf('node_modules/vite/package.json', '| license: MIT; name: vite'),
      documentOf('node_modules/zod/README.md', 'Zod is released under the MIT license.'),
    ])
    const zod = quoteOf(index, 'node_modules/zod/package.json', 'license: MIT')
    const vite = quoteOf(index, 'node_modules/vite/package.json', 'license: MIT')
    const readme = quoteOf(index, 'node_modules/zod/README.md', 'released under the MIT license')
    const claim = { text: 'The license of zod is MIT.', contradicts: [] }
    expect(assess({ ...claim, supports: [zod, vite] }, index.passage).status).toBe('provisional')
    expect(assess({ ...claim, supports: [zod, readme] }, index.passage).status).toBe('verified')
  })

  it('reports evidence that is gone as missing, and words that were never there as unverified', () => {
    const { claim, index } = claimOf(ENGINE, [ENGINE])
    expect(assess(claim, () => undefined)).toMatchObject({ status: 'missing', by: 'none' })
    const [quote] = claim.supports
    if (quote === undefined) throw new Error('no quote')
    const forged = {
      ...claim,
      supports: [{ ...quote, text: 'The starboard engine hour meter read 1,241 hours.' }],
    }
    expect(assess(forged, index.passage)).toMatchObject({
      status: 'unverified',
      ignored: [{ reason: 'absent' }],
    })
  })

  it('counts a quote once, however often it is given, and one source once', () => {
    const { claim, index } = claimOf(ENGINE, [
      `${ENGINE} The starboard engine meter, 1,240 hours, was read twice.`,
    ])
    const first = { source: sourceOf('a.txt'), passage: 0, text: ENGINE }
    const second = { ...first, text: 'The starboard engine meter, 1,240 hours, was read twice.' }
    const assessment = assess({ ...claim, supports: [first, first, second] }, index.passage)
    expect(assessment).toMatchObject({ status: 'provisional', sources: 1 })
    expect(assessment.ignored.map(({ reason }) => reason)).toEqual(['repeated'])
  })

  it('judges at most 64 quotes', () => {
    const { claim, index } = claimOf(ENGINE, [ENGINE])
    const [quote] = claim.supports
    if (quote === undefined) throw new Error('no quote')
    const { ignored } = assess({ ...claim, supports: Array(70).fill(quote) }, index.passage)
    expect(ignored.filter(({ reason }) => reason === 'too-many')).toHaveLength(6)
  })

  it('gives the same verdict however the number is written', () => {
    const styles: ((whole: number) => string)[] = [
      (n) => `${n} litres`,
      (n) => `${grouped(n, ',')} l`,
      (n) => `${grouped(n, '\u00a0')} litres`,
      (n) => `${grouped(n, "'")} l`,
      (n) => `${grouped(n, '.')},00 litres`,
      (n) => `${grouped(n, ',')}.00 litres`,
    ]
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 999_999 }),
        fc.integer({ min: 100, max: 999_999 }),
        fc.constantFrom(...styles),
        fc.constantFrom(...styles),
        (one, other, style, otherStyle) => {
          const { claim, index } = claimOf(`The fuel tank holds ${style(one)}.`, [
            `The fuel tank holds ${style(one)}.`,
            `Her fuel tank can hold ${otherStyle(other)} of diesel.`,
          ])
          expect(assess(claim, index.passage).status).toBe(one === other ? 'verified' : 'provisional')
          const same = claimOf(`The fuel tank holds ${style(one)}.`, [
            `The fuel tank holds ${style(one)}.`,
            `Her fuel tank can hold ${otherStyle(one)} of diesel.`,
          ])
          expect(assess(same.claim, same.index.passage).status).toBe('verified')
        },
      ),
      { numRuns: 60 },
    )
  })

  it('gives the same verdict however the date is written', () => {
    const month =
      'January February March April May June July August September October November December'.split(' ')
    const styles: ((y: number, m: number, d: number) => string)[] = [
      (y, m, d) => `${y}-${two(m)}-${two(d)}`,
      (y, m, d) => `${d} ${month[m - 1]} ${y}`,
      (y, m, d) => `${month[m - 1]} ${d}, ${y}`,
      (y, m, d) => `${d} ${month[m - 1]?.slice(0, 3).toUpperCase()} ${y}`,
      (y, m, d) => `${two(d)}.${two(m)}.${y}`,
    ]
    const date = fc.tuple(
      fc.integer({ min: 1990, max: 2090 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 28 }),
    )
    fc.assert(
      fc.property(
        date,
        date,
        fc.constantFrom(...styles),
        fc.constantFrom(...styles),
        (one, other, style, otherStyle) => {
          const text = `The policy of the yacht expires on ${style(...one)}.`
          const { claim, index } = claimOf(
            text,
            [text],
            [`This policy of the yacht expires on ${otherStyle(...other)}.`],
          )
          const same = claimOf(text, [text, `Cover under the yacht policy ends on ${otherStyle(...one)}.`])
          expect(assess(claim, index.passage).status).toBe(
            one.join() === other.join() ? 'provisional' : 'disputed',
          )
          expect(assess(same.claim, same.index.passage).status).toBe('verified')
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is total and deterministic, whatever it is given', () => {
    const text = fc.string({ maxLength: 200, unit: 'binary' })
    fc.assert(
      fc.property(
        text,
        fc.array(text, { minLength: 1, maxLength: 4 }),
        text,
        (claimText, bodies, quoteText) => {
          const index = createEvidenceIndex(bodies.map((body, at) => documentOf(String(at), body || 'x')))
          const quotes = bodies.map((body, at) => ({
            source: sourceOf(String(at)),
            passage: 0,
            text: body || quoteText,
          }))
          const claim = { text: claimText, supports: quotes, contradicts: quotes }
          const first = assess(claim, index.passage)
          expect(assess(structuredClone(claim), index.passage)).toEqual(first)
          expect(first.counted.length + first.ignored.length).toBe(2 * quotes.length)
        },
      ),
      { numRuns: 200 },
    )
  })
})

function grouped(whole: number, mark: string): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, mark)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
