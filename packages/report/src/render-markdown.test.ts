import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import type { Sha256 } from '@infrafabric/protocol'
import { expect, test } from 'vitest'
import { buildReport } from './build-report.ts'
import { renderHtml } from './render-html.ts'
import { renderMarkdown } from './render-markdown.ts'
import { claimOf, driveSession } from './testing/drive-session.ts'
import { YACHT, yachtDocuments } from './testing/yacht.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex') as Sha256
test('x', () => {
  const documents = yachtDocuments(sha256)
  const d = driveSession({ ...YACHT, documents })
  d.answer('engines', {
    answer: 'The engine ran *2,140 hours*.',
    claims: [
      claimOf('The port engine had run 2,140 hours.', documents, [
        'The port engine had run 2,140 hours on 3 March 2026.',
        'At the hand-over the port engine had run 2,140 hours.',
      ]),
      claimOf('The life raft was last serviced in May 2023.', documents, [
        'The life raft was last serviced in May 2023.',
      ]),
    ],
  })
  d.answer('mooring', {
    claims: [
      claimOf(
        'The next instalment for berth C14 is EUR 4,800.',
        documents,
        ['The next instalment for berth C14 is EUR 4,800.'],
        ['The next instalment for berth C14 is EUR 5,200.'],
      ),
    ],
  })
  d.answer('crew', {})
  d.fail('radio', 'invalid-request', 'bad')
  d.answer('_synthesis', { answer: '## Agreed\n\n- hours: **2,140** (survey.md)\n  - sub', claims: [] })
  const md = renderMarkdown(
    buildReport({
      session: d.session,
      lookup: d.lookup,
      fingerprints: { operator: 'ed25519:aa', journalHead: 'ff', entries: 12 },
      generatedBy: 'infrafabric 0.1.0',
    }),
  )
  writeFileSync('/tmp/report-try/x.md', md)
  writeFileSync(
    '/tmp/report-try/x.html',
    renderHtml(
      buildReport({
        session: d.session,
        lookup: d.lookup,
        fingerprints: { operator: 'ed25519:aa', journalHead: 'ff', entries: 12 },
        generatedBy: 'infrafabric 0.1.0',
      }),
    ),
  )
  expect(md).toContain('# ')
})
