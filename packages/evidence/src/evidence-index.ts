import type { Sha256 } from '@infrafabric/protocol'
import type { Document, Passage, RankedPassage } from './document.ts'
import { passagesOf } from './passages.ts'
import { Readings } from './readings.ts'
import { forEachToken, termsOfToken } from './words.ts'

export interface SearchOptions {
  /** 0 ranks by relevance alone; 1 by difference from what is already chosen. Default 0.25. */
  diversity?: number
}

export interface EvidenceIndex {
  readonly documents: readonly Document[]
  /** Best first. Equal scores keep the order of the evidence. */
  search(query: string, limit: number, options?: SearchOptions): RankedPassage[]
  passage(source: Sha256, passage: number): Passage | undefined
  /** Passages of one document, in reading order. */
  passagesOf(source: Sha256): readonly Passage[]
  /** All headings, in reading order, without repetitions within a document. */
  headings(): { source: Sha256; name: string; headings: string[] }[]
  /** Number of passages. */
  readonly size: number
  /** What was read out of passages so far, for all who compare them. */
  readonly readings: Readings
  /** How telling a term of `termsOf` is here: 0 when it stands nowhere, else its inverse document frequency. */
  weight(term: string): number
}

// Okapi BM25's usual constants: k1 between 1.2 and 2, b 0.75.
const K1 = 1.2
const B = 0.75
/** A term in a heading, title or name counts like so many in the text. */
const HEADING_BOOST = 2
const NAME_BOOST = 1.5

/** Ranks the passages of the evidence by BM25. Immutable once made. A source given twice is indexed once. */
export function createEvidenceIndex(given: Iterable<Document>): EvidenceIndex {
  const documents: Document[] = []
  const passages: Passage[] = []
  const bySource = new Map<string, { from: number; to: number }>()
  const terms = new Map<string, number>()
  const ofToken = new Map<string, Int32Array>()
  // One entry for each (passage, term): its term and its weighted frequency.
  let entryTerm = new Int32Array(1 << 16)
  let entryCount = new Float32Array(1 << 16)
  let entries = 0
  const entryStart: number[] = []
  const length: number[] = []
  let scratch = new Float32Array(1 << 14)
  const touched: number[] = []

  function idsOf(token: string): Int32Array {
    let ids = ofToken.get(token)
    if (ids === undefined) {
      ids = Int32Array.from(
        termsOfToken(token).map((term) => {
          let id = terms.get(term)
          if (id === undefined) {
            id = terms.size
            terms.set(term, id)
          }
          return id
        }),
      )
      ofToken.set(token, ids)
    }
    return ids
  }

  function countId(id: number, weight: number): void {
    if (id >= scratch.length) {
      const wider = new Float32Array(Math.max(scratch.length * 2, id + 1))
      wider.set(scratch)
      scratch = wider
    }
    const before = scratch[id] ?? 0
    if (before === 0) touched.push(id)
    scratch[id] = before + weight
  }

  function countText(text: string): number {
    let counted = 0
    forEachToken(text, (token) => {
      const ids = idsOf(token)
      for (const id of ids) countId(id, 1)
      counted += ids.length
    })
    return counted
  }

  /** Terms that all passages of a document or section have. */
  function shared(text: string, weight: number): () => void {
    const ids: number[] = []
    forEachToken(text, (token) => ids.push(...idsOf(token)))
    return () => {
      for (const id of ids) countId(id, weight)
    }
  }

  function closePassage(): void {
    entryStart.push(entries)
    if (entries + touched.length > entryTerm.length) {
      const size = Math.max(entryTerm.length * 2, entries + touched.length)
      const widerTerm = new Int32Array(size)
      widerTerm.set(entryTerm)
      entryTerm = widerTerm
      const widerCount = new Float32Array(size)
      widerCount.set(entryCount)
      entryCount = widerCount
    }
    for (const id of touched) {
      entryTerm[entries] = id
      entryCount[entries] = scratch[id] ?? 0
      scratch[id] = 0
      entries += 1
    }
    touched.length = 0
  }

  for (const document of given) {
    if (bySource.has(document.source)) continue
    documents.push(document)
    const from = passages.length
    let names: (() => void)[] | undefined
    const headings = new Map<string, () => void>()
    for (const passage of passagesOf(document)) {
      passages.push(passage)
      length.push(countText(passage.text))
      for (const heading of passage.headings) {
        const known = headings.get(heading) ?? shared(heading, HEADING_BOOST)
        headings.set(heading, known)
        known()
      }
      names ??= [document.name.replace(/\.[a-z0-9]{1,5}$/i, ''), document.title ?? ''].map((name) =>
        shared(name, NAME_BOOST),
      )
      for (const name of names) name()
      closePassage()
    }
    bySource.set(document.source, { from, to: passages.length })
  }
  entryStart.push(entries)
  ofToken.clear()

  // Turn the entries over: for each term, its passages in order.
  const postingStart = new Int32Array(terms.size + 1)
  for (let entry = 0; entry < entries; entry++) {
    const slot = (entryTerm[entry] ?? 0) + 1
    postingStart[slot] = (postingStart[slot] ?? 0) + 1
  }
  for (let term = 0; term < terms.size; term++) {
    postingStart[term + 1] = (postingStart[term + 1] ?? 0) + (postingStart[term] ?? 0)
  }
  const postingPassage = new Int32Array(entries)
  const postingCount = new Float32Array(entries)
  const next = postingStart.slice()
  for (let passage = 0; passage < passages.length; passage++) {
    for (let entry = entryStart[passage] ?? 0; entry < (entryStart[passage + 1] ?? 0); entry++) {
      const term = entryTerm[entry] ?? 0
      const slot = next[term] ?? 0
      next[term] = slot + 1
      postingPassage[slot] = passage
      postingCount[slot] = entryCount[entry] ?? 0
    }
  }
  const lengthMean = Math.max(1, length.reduce((sum, one) => sum + one, 0) / Math.max(1, length.length))

  const weights = Float64Array.from({ length: terms.size }, (_, id) => {
    const frequency = (postingStart[id + 1] ?? 0) - (postingStart[id] ?? 0)
    return Math.log(1 + (passages.length - frequency + 0.5) / (frequency + 0.5))
  })

  function weightOf(id: number): number {
    return weights[id] ?? 0
  }

  function rank(query: string): { passage: number; score: number }[] {
    const wanted = new Map<number, number>()
    forEachToken(query, (token) => {
      for (const term of termsOfToken(token)) {
        const id = terms.get(term)
        if (id !== undefined) wanted.set(id, Math.min(3, (wanted.get(id) ?? 0) + 1))
      }
    })
    const score = new Float64Array(passages.length)
    const hit: number[] = []
    for (const [id, times] of wanted) {
      const weight = weightOf(id) * times
      for (let slot = postingStart[id] ?? 0; slot < (postingStart[id + 1] ?? 0); slot++) {
        const passage = postingPassage[slot] ?? 0
        const frequency = postingCount[slot] ?? 0
        const norm = K1 * (1 - B + (B * (length[passage] ?? 0)) / lengthMean)
        if (score[passage] === 0) hit.push(passage)
        score[passage] = (score[passage] ?? 0) + (weight * frequency * (K1 + 1)) / (frequency + norm)
      }
    }
    return hit
      .map((passage) => ({ passage, score: score[passage] ?? 0 }))
      .sort((a, b) => b.score - a.score || a.passage - b.passage)
  }

  /** How much of the lighter passage's weight another has in common with `one`, as a share. */
  function likenessTo(one: number): (other: number) => number {
    const marked = new Set<number>()
    const oneWeight = eachTerm(one, (id) => marked.add(id))
    return (other) => {
      let common = 0
      const otherWeight = eachTerm(other, (id) => {
        if (marked.has(id)) common += weightOf(id)
      })
      const lighter = Math.min(oneWeight, otherWeight)
      return lighter === 0 ? 0 : common / lighter
    }
  }

  /** Returns the sum of the weights. */
  function eachTerm(passage: number, visit: (id: number) => void): number {
    let weight = 0
    for (let entry = entryStart[passage] ?? 0; entry < (entryStart[passage + 1] ?? 0); entry++) {
      const id = entryTerm[entry] ?? 0
      weight += weightOf(id)
      visit(id)
    }
    return weight
  }

  function diversified(ranked: { passage: number; score: number }[], limit: number, diversity: number) {
    const pool = ranked.slice(0, Math.min(ranked.length, limit * 3, limit + 60))
    const best = pool[0]?.score ?? 1
    const nearest = new Float64Array(pool.length)
    const taken = new Uint8Array(pool.length)
    const chosen: { passage: number; score: number }[] = []
    while (chosen.length < limit && chosen.length < pool.length) {
      let pick = -1
      let pickValue = Number.NEGATIVE_INFINITY
      for (let at = 0; at < pool.length; at++) {
        const one = pool[at]
        if (one === undefined || taken[at] === 1) continue
        const value = (1 - diversity) * (one.score / best) - diversity * (nearest[at] ?? 0)
        if (value > pickValue) {
          pickValue = value
          pick = at
        }
      }
      const picked = pool[pick]
      if (picked === undefined) break
      taken[pick] = 1
      chosen.push(picked)
      const likeness = likenessTo(picked.passage)
      for (let at = 0; at < pool.length; at++) {
        const one = pool[at]
        if (one === undefined || taken[at] === 1) continue
        nearest[at] = Math.max(nearest[at] ?? 0, likeness(one.passage))
      }
    }
    return chosen
  }

  return {
    documents,
    size: passages.length,
    readings: new Readings(),
    search(query, limit, options = {}) {
      if (!(limit >= 1)) return []
      const ranked = rank(query)
      const diversity = options.diversity ?? 0.25
      const whole = Math.floor(limit)
      const chosen =
        diversity > 0 && whole <= 100 ? diversified(ranked, whole, diversity) : ranked.slice(0, whole)
      return chosen.flatMap(({ passage, score }) => {
        const found = passages[passage]
        return found === undefined ? [] : [{ ...found, score }]
      })
    },
    passage(source, passage) {
      const range = bySource.get(source)
      if (range === undefined || !Number.isInteger(passage) || passage < 0) return undefined
      return range.from + passage < range.to ? passages[range.from + passage] : undefined
    },
    passagesOf(source) {
      const range = bySource.get(source)
      return range === undefined ? [] : passages.slice(range.from, range.to)
    },
    headings() {
      return documents.map((document) => ({
        source: document.source,
        name: document.name,
        headings: [
          ...new Set(document.blocks.filter((block) => block.kind === 'heading').map((block) => block.text)),
        ],
      }))
    },
    weight(term) {
      const id = terms.get(term)
      return id === undefined ? 0 : weightOf(id)
    },
  }
}
