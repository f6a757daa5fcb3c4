import type { Document } from '@infrafabric/evidence'
import type { Sha256 } from '@infrafabric/protocol'
import { type DriveOptions, documentOf } from './drive-session.ts'

/** The papers of a motor yacht: something confirmed, something disputed, something said once. */
export function yachtDocuments(sha256: (text: string) => Sha256): Document[] {
  return [
    documentOf(
      'survey.md',
      '# Survey of M/Y Meridian\n\n## Engines\n\nThe port engine had run 2,140 hours on 3 March 2026. Its mounts are sound.\n\n## Safety\n\nThe life raft was last serviced in May 2023.\n',
      sha256,
    ),
    documentOf(
      'engine-log.md',
      '# Engine log of M/Y Meridian\n\nAt the hand-over the port engine had run 2,140 hours.\n',
      sha256,
    ),
    documentOf(
      'yard.md',
      '# Letter of the yard\n\nThe next instalment for berth C14 is EUR 4,800.\n',
      sha256,
    ),
    documentOf(
      'https://marina.example/fees',
      '# Fees of the marina\n\nThe next instalment for berth C14 is EUR 5,200.\n',
      sha256,
    ),
  ]
}

export const YACHT: Omit<DriveOptions, 'documents'> = {
  objective: 'What must the new owner of M/Y Meridian know?',
  tasks: [
    { id: 'engines', question: 'How many hours has the port engine run?', needs: [] },
    { id: 'mooring', question: 'What is the next instalment for the berth?', needs: [] },
    { id: 'crew', question: 'Which visas does the crew have?', needs: [] },
    { id: 'radio', question: 'Is the radio licensed?', needs: [] },
    { id: 'costs', question: 'What will the first month cost?', needs: ['radio'] },
  ],
  synthesize: true,
  faults: [{ name: 'locked.pdf', code: 'encrypted', detail: 'it is encrypted; remove the password' }],
}
