import type { Sha256 } from '@infrafabric/protocol'
import type { Claim, Quote } from '../claim.ts'
import type { Block, Document } from '../document.ts'
import { createEvidenceIndex, type EvidenceIndex } from '../evidence-index.ts'

/** A document of paragraphs; `# ` begins a heading, `- ` an item, and `| ` a row. */
export function documentOf(name: string, ...paragraphs: string[]): Document {
  return {
    source: sourceOf(name),
    name,
    mediaType: 'text/plain',
    reader: 'test/1',
    blocks: paragraphs.map((text, at): Block => {
      const place = { line: at + 1 }
      if (text.startsWith('# ')) return { kind: 'heading', level: 1, text: text.slice(2), place }
      if (text.startsWith('## ')) return { kind: 'heading', level: 2, text: text.slice(3), place }
      if (text.startsWith('- ')) return { kind: 'item', text: text.slice(2), place }
      if (text.startsWith('| ')) return { kind: 'row', text: text.slice(2), place }
      return { kind: 'text', text, place }
    }),
  }
}

/** 64 hex digits that only this name has. */
export function sourceOf(name: string): Sha256 {
  const hex = Array.from(name, (letter) => (letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')).join(
    '',
  )
  return hex.padStart(64, '0').slice(-64) as Sha256
}

export function quoteOf(index: EvidenceIndex, name: string, text: string): Quote {
  const passage = index.passagesOf(sourceOf(name)).find((one) => one.text.includes(text))
  return { source: sourceOf(name), passage: passage?.passage ?? 999, text }
}

/** A claim with one quote of each text: the whole text of `a`, `b`, `c`… each in its own document. */
export function claimOf(
  text: string,
  supports: readonly string[],
  contradicts: readonly string[] = [],
): { claim: Claim; index: EvidenceIndex } {
  const names = [...supports, ...contradicts].map((_, at) => `${'abcdefgh'[at]}.txt`)
  const index = createEvidenceIndex(
    [...supports, ...contradicts].map((body, at) => documentOf(names[at] ?? '', ...body.split('\n'))),
  )
  const quotes = [...supports, ...contradicts].map((body, at): Quote => {
    const last = body.split('\n').at(-1) ?? ''
    return quoteOf(index, names[at] ?? '', last.replace(/^(?:\| |- )/, ''))
  })
  return {
    claim: { text, supports: quotes.slice(0, supports.length), contradicts: quotes.slice(supports.length) },
    index,
  }
}
