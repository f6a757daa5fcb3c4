import {
  assess,
  type Claim,
  normaliseWhitespace,
  type Passage,
  type Quote,
  Readings,
} from '@infrafabric/evidence'
import type { Sha256 } from '@infrafabric/protocol'
import { placeOf } from './place.ts'
import type { ReportClaim, ReportInput, ReportQuote } from './report.ts'

/** Characters of the passage that are shown on each side of a quote. */
const AROUND = 600

export interface ClaimCollector {
  /** Ids of the claims that are told here for the first time, and of those told before. */
  add(task: string, prefix: string, claims: readonly Claim[]): { first: string[]; again: string[] }
  /** Judges every claim, with the quotes of all tasks that state it. */
  finish(): ReportClaim[]
}

/** Claims of the same words, white space aside, are one claim. */
export function collectClaims(
  lookup: ReportInput['lookup'],
  nameOf: (source: Sha256) => string | undefined,
  readings: Readings = new Readings(),
): ClaimCollector {
  const byText = new Map<string, { id: string; claim: Claim; tasks: Set<string>; seen: Set<string> }>()
  return {
    add(task, prefix, claims) {
      const first = new Set<string>()
      const again = new Set<string>()
      for (const claim of claims) {
        const key = normaliseWhitespace(claim.text)
        let entry = byText.get(key)
        if (entry === undefined) {
          const id = `${prefix}.${first.size + 1}`
          entry = {
            id,
            claim: { text: claim.text, supports: [], contradicts: [] },
            tasks: new Set(),
            seen: new Set(),
          }
          byText.set(key, entry)
          first.add(id)
        } else if (!first.has(entry.id)) again.add(entry.id)
        entry.tasks.add(task)
        for (const as of ['supports', 'contradicts'] as const) {
          for (const quote of claim[as]) {
            const name = `${as} ${quote.source} ${quote.passage} ${quote.text}`
            if (entry.seen.has(name)) continue
            entry.seen.add(name)
            entry.claim[as].push(quote)
          }
        }
      }
      return { first: [...first], again: [...again] }
    },
    finish() {
      return [...byText.values()].map(({ id, claim, tasks }) =>
        judged(id, claim, [...tasks], lookup, nameOf, readings),
      )
    },
  }
}

function judged(
  id: string,
  claim: Claim,
  tasks: string[],
  lookup: ReportInput['lookup'],
  nameOf: (source: Sha256) => string | undefined,
  readings: Readings,
): ReportClaim {
  const assessment = assess(claim, lookup, readings)
  const told = (as: 'support' | 'contradiction'): ReportQuote[] =>
    assessment.counted
      .filter((one) => one.as === as)
      .map((one) => toldQuote(one.quote, one.match, lookup(one.quote.source, one.quote.passage), nameOf))
  return {
    id,
    text: claim.text,
    status: assessment.status,
    by: assessment.by,
    sources: assessment.sources,
    unstated: [...new Set(assessment.unstated)],
    tasks,
    supports: told('support'),
    contradicts: told('contradiction'),
    ignored: assessment.ignored.map(({ quote, as, reason }) => ({
      as,
      source: quote.source,
      name: nameOf(quote.source) ?? shortHash(quote.source),
      text: quote.text,
      reason,
    })),
  }
}

function toldQuote(
  quote: Quote,
  match: ReportQuote['match'],
  passage: Passage | undefined,
  nameOf: (source: Sha256) => string | undefined,
): ReportQuote {
  const at = passage === undefined ? -1 : passage.text.indexOf(quote.text)
  const before = at < 0 ? '' : (passage?.text.slice(0, at) ?? '')
  const after = at < 0 ? '' : (passage?.text.slice(at + quote.text.length) ?? '')
  return {
    source: quote.source,
    name: nameOf(quote.source) ?? passage?.name ?? shortHash(quote.source),
    place: passage === undefined ? '' : placeOf(passage.place),
    passage: quote.passage,
    headings: passage?.headings ?? [],
    text: quote.text,
    match,
    before: before.length > AROUND ? `…${before.slice(-AROUND).replace(/^[\udc00-\udfff]/, '')}` : before,
    after: after.length > AROUND ? `${after.slice(0, AROUND).replace(/[\ud800-\udbff]$/, '')}…` : after,
  }
}

/** 12 hex digits name a source where the whole hash stands elsewhere. */
export function shortHash(hash: string): string {
  return hash.slice(0, 12)
}
