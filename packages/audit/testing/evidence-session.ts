import { type Copied, realSession, type SessionOptions } from './real-session.ts'

export const SURVEY =
  'The port engine was serviced on 12 May 2026.\nThe starboard engine is due at 2,000 hours.'
export const INVOICE = 'Invoice: port engine serviced on 12 May 2026, 1,840.00 EUR.'

/** Two sources, claims, a failed attempt, a second epoch, a claim-checked result that another task is given. */
export function evidenceSession(more: Partial<SessionOptions> = {}): Promise<Copied> {
  let failures = 0
  return realSession({
    evidence: { 'survey.txt': SURVEY, 'invoice.txt': INVOICE },
    diesAfter: 1,
    worker(brief, tools) {
      if (brief.task === 'costs' && failures++ < 2) throw new Error('not yet')
      const found = tools.search('port engine serviced', 4)
      const supports = found.map(({ source, passage, text }) => ({
        source,
        passage,
        text: text.split('\n')[0] ?? '',
      }))
      return {
        answer: brief.task === 'engines' ? 'long '.repeat(20_000) : 'short',
        claims: [
          { text: 'The port engine was serviced on 12 May 2026.', supports, contradicts: [] },
          {
            text: 'The mast is made of wood.',
            supports: supports.map((quote) => ({ ...quote, text: 'wood' })),
            contradicts: [],
          },
        ],
      }
    },
    ...more,
  })
}
