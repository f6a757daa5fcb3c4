import { type EvidenceIndex, scopeOf, termsOf } from '@infrafabric/evidence'
import type { Sha256 } from '@infrafabric/protocol'
import { type Facet, isFaint, withoutWholes } from './question.ts'

/** The documents of the things that a question names. */
export interface NamedThings {
  /** With the name of the folder that a README, licence or manifest describes; empty for a document named itself. */
  sources: ReadonlyMap<Sha256, string>
  /** Terms of all their names. */
  terms: readonly string[]
}

/** A question names a thing when it has all words of its folder's, file's or title's name, and one of them tells. */
export function thingsNamed(facet: Facet, index: EvidenceIndex): NamedThings {
  const sources = new Map<Sha256, string>()
  const terms = new Set<string>()
  for (const { source, name, title } of index.documents) {
    const scope = scopeOf(name)
    const last = scope.slice(scope.lastIndexOf('/') + 1)
    const file = scope === name ? last.replace(/\.\w{1,5}$/, '') : last
    for (const called of scope === name ? [file, title ?? ''] : [file]) {
      const words = withoutWholes(termsOf(called))
      if (words.every(isFaint) || !words.every((word) => facet.terms.includes(word))) continue
      sources.set(source, scope === name ? '' : last)
      for (const word of words) terms.add(word)
      break
    }
  }
  return { sources, terms: [...terms] }
}
