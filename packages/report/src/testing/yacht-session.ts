import type { Sha256 } from '@infrafabric/protocol'
import type { ReportInput } from '../report.ts'
import { claimOf, driveSession, type SessionDriver } from './drive-session.ts'
import { YACHT, yachtDocuments } from './yacht.ts'

/** The finished session of `YACHT`; `disturb` may do what it likes before the agents answer. */
export function yachtSession(
  sha256: (text: string) => Sha256,
  disturb: (driver: SessionDriver) => void = () => {},
): SessionDriver {
  const documents = yachtDocuments(sha256)
  const driver = driveSession({ ...YACHT, documents })
  disturb(driver)
  const raft = claimOf('The life raft was last serviced in May 2023.', documents, [
    'The life raft was last serviced in May 2023.',
  ])
  return driver
    .answer('engines', {
      answer: 'The port engine had run **2,140 hours**.',
      claims: [
        claimOf('The port engine had run 2,140 hours.', documents, [
          'The port engine had run 2,140 hours on 3 March 2026.',
          'At the hand-over the port engine had run 2,140 hours.',
        ]),
        raft,
      ],
    })
    .answer('mooring', {
      claims: [
        claimOf(
          'The next instalment for berth C14 is EUR 4,800.',
          documents,
          ['The next instalment for berth C14 is EUR 4,800.'],
          ['The next instalment for berth C14 is EUR 5,200.'],
        ),
        raft,
        { text: 'The berth is quiet.', supports: [], contradicts: [] },
      ],
    })
    .answer('crew', {})
    .fail('radio', 'invalid-request', 'the question is too long')
    .answer('_synthesis', {
      answer: '## Agreed\n\n- hours: **2,140**\n  - of the port engine',
      claims: [raft],
    })
}

export function inputOf({ session, lookup }: SessionDriver): ReportInput {
  return {
    session,
    lookup,
    fingerprints: { operator: 'ed25519:5f1c', journalHead: '9c2e', entries: 31 },
    generatedBy: 'infrafabric 0.1.0',
  }
}
