import { createEvidenceIndex, type Document } from '@infrafabric/evidence'
import type { Sha256 } from '@infrafabric/protocol'
import { expect, it } from 'vitest'
import { digestOf } from './digest.ts'

it('keeps the underscores of a name in a title, and drops marks of emphasis', () => {
  const source = 'a'.repeat(64) as Sha256
  const text = 'Both were serviced in May, and nothing else is due.'
  const document: Document = {
    source,
    name: 'schedule.yaml',
    mediaType: 'application/yaml',
    reader: 'test/1',
    blocks: [
      { kind: 'heading', level: 1, text: 'The **whole** _plan_', place: { line: 1 } },
      { kind: 'heading', level: 2, text: 'main_engines', place: { line: 2 } },
      { kind: 'text', text, place: { line: 3 } },
    ],
  }
  const claim = { text, supports: [{ source, passage: 0, text }], contradicts: [] }
  expect(digestOf([claim], createEvidenceIndex([document]))).toContain('**The whole plan › main_engines**')
})
