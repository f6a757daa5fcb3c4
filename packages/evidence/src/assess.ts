import type { Sha256 } from '@infrafabric/protocol'
import type { CitationStatus, Claim, Quote } from './claim.ts'
import { overlapOf } from './compare.ts'
import type { Passage } from './document.ts'
import { isQuotedMail, isSameText } from './independence.ts'
import {
  best,
  type Context,
  contextOfClaim,
  type Statement,
  statementsOf,
  type Verdict,
  verdictsOf,
} from './judge.ts'
import { keysOf } from './keys.ts'
import { namesClash } from './named.ts'
import { matchQuote, normaliseWhitespace, type QuoteMatch } from './quotes.ts'
import { type Reading, Readings, squeeze } from './readings.ts'
import { isScoped, scopeOf } from './scope.ts'
import { isNegated } from './subject.ts'
import { termsOf } from './words.ts'

export type IgnoredReason =
  | 'absent' // the words do not stand in the passage
  | 'missing' // the passage itself is gone
  | 'repeated' // the same quote again
  | 'copy' // the same text as another source's quote, or quoted mail: it confirms nothing
  | 'other-value' // it does not give the claim's figure, date or identifier
  | 'other-subject' // it speaks of something else
  | 'negated' // it denies what the claim states
  | 'agrees' // given as a contradiction, but it says the same
  | 'too-many' // more quotes than are judged

export interface CountedQuote {
  quote: Quote
  match: Exclude<QuoteMatch, 'absent'>
  as: 'support' | 'contradiction'
  /** `values`: figures, dates or identifiers were compared; `words`: its words were; `declared`: only the agent says so. */
  by: 'values' | 'words' | 'declared'
}

export interface IgnoredQuote {
  quote: Quote
  as: 'support' | 'contradiction'
  reason: IgnoredReason
}

export interface Assessment {
  status: CitationStatus
  counted: CountedQuote[]
  ignored: IgnoredQuote[]
  /** Independent sources that state the whole claim. */
  sources: number
  /** Values of the claim that no counted quote states; with any, the claim is unverified. */
  unstated: string[]
  /**
   * What decided: `values` or `words` were compared; `declared`: the claim is disputed by nothing but an agent's
   * word that a quote contradicts it; `none`: nothing counted.
   */
  by: 'values' | 'words' | 'declared' | 'none'
}

export type Lookup = (source: Sha256, passage: number) => Passage | undefined

/** Quotes of a claim beyond this many are ignored, so that the time is bounded. */
const QUOTES_MOST = 64
const CLAIM_TEXT_MOST = 4000

interface Witness {
  quote: Quote
  match: Exclude<QuoteMatch, 'absent'>
  passage: Passage
  reading: Reading
  words: readonly string[]
  quotedMail: boolean
  statements: Statement[]
}

/**
 * Computes a claim's status from bytes alone, by the rules of docs/protocol/citations.md. Total: whatever the claim
 * and the evidence are, it returns, and the same input gives the same assessment. `readings` of the same evidence save
 * reading it again; they change how fast the answer comes, never what it is.
 */
export function assess(claim: Claim, lookup: Lookup, readings: Readings = new Readings()): Assessment {
  const text = claim.text.slice(0, CLAIM_TEXT_MOST)
  const ignored: IgnoredQuote[] = []
  const supports = witnesses(claim.supports, 'support', lookup, readings, ignored)
  const against = witnesses(claim.contradicts, 'contradiction', lookup, readings, ignored)

  const context = contextOfClaim(text, supports[0]?.passage.headings ?? [])
  const subject = claimSubject(text, context)
  const counted: CountedQuote[] = []
  const kept: Witness[] = []
  const sourcesOfKey: Set<string>[] = subject.keys.map(() => new Set())
  const sourcesOfWords = new Set<string>()
  const scoped = subject.keys.length > 0 && subject.keys.every((key) => isScoped(key.fact, key.sentence))
  const scope = scoped && supports[0] !== undefined ? scopeOf(supports[0].passage.name) : undefined
  const scopeRefusal = (witness: Witness): IgnoredReason | undefined =>
    scope === undefined || scopeOf(witness.passage.name) === scope ? undefined : 'other-subject'
  // Quoted mail comes last: it is a source only where nobody else is.
  for (const witness of [
    ...supports.filter((one) => !one.quotedMail),
    ...supports.filter((one) => one.quotedMail),
  ]) {
    const stated = subject.keys.length === 0 ? [] : verdictsOn(subject.keys, witness)
    const refusal = subject.keys.length === 0 ? wordsRefusal(text, context, witness) : keysRefusal(stated)
    const reason = refusal ?? scopeRefusal(witness) ?? companyRefusal(witness, kept)
    if (reason !== undefined) {
      ignored.push({ quote: witness.quote, as: 'support', reason })
      continue
    }
    kept.push(witness)
    counted.push({
      quote: witness.quote,
      match: witness.match,
      as: 'support',
      by: subject.keys.length === 0 ? 'words' : 'values',
    })
    stated.forEach((verdict, at) => {
      if (verdict === 'states') sourcesOfKey[at]?.add(witness.quote.source)
    })
    sourcesOfWords.add(witness.quote.source)
  }
  for (const witness of against) {
    const verdicts = verdictsOn(subject.keys, witness)
    const differs = verdicts.includes('contradicts')
    if (scopeRefusal(witness) !== undefined) {
      ignored.push({ quote: witness.quote, as: 'contradiction', reason: 'other-subject' })
      continue
    }
    if (!differs && (verdicts.includes('states') || isSameText(readings.words(text), witness.words))) {
      ignored.push({ quote: witness.quote, as: 'contradiction', reason: 'agrees' })
    } else {
      counted.push({
        quote: witness.quote,
        match: witness.match,
        as: 'contradiction',
        by: differs ? 'values' : 'declared',
      })
    }
  }

  const sources =
    subject.keys.length === 0 ? sourcesOfWords.size : Math.min(...sourcesOfKey.map((set) => set.size))
  const unstated = [
    ...subject.keys.filter((_, at) => sourcesOfKey[at]?.size === 0).map((key) => key.fact.text),
    ...(sources === 0 ? [] : notMentioned(subject.mentioned, kept)),
  ]
  const contradictions = counted.filter((one) => one.as === 'contradiction')
  const gone = ignored.some((one) => one.reason === 'missing')
  const status: CitationStatus =
    contradictions.length > 0
      ? 'disputed'
      : sources === 0 && kept.length === 0 && gone
        ? 'missing'
        : sources === 0 || unstated.length > 0
          ? 'unverified'
          : sources === 1
            ? 'provisional'
            : 'verified'
  return {
    status,
    counted,
    ignored,
    sources,
    unstated,
    by: decidedBy(counted, contradictions, subject.keys.length > 0),
  }
}

function decidedBy(
  counted: CountedQuote[],
  contradictions: CountedQuote[],
  hasKeys: boolean,
): Assessment['by'] {
  if (counted.length === 0) return 'none'
  if (contradictions.length > 0)
    return contradictions.some((one) => one.by === 'values') ? 'values' : 'declared'
  return hasKeys ? 'values' : 'words'
}

function claimSubject(text: string, context: Context): { keys: Statement[]; mentioned: Statement[] } {
  const statements = statementsOf(text, context)
  const { keys, mentioned } = keysOf(statements.map((statement) => statement.fact))
  return {
    keys: statements.filter((statement) => keys.includes(statement.fact)),
    mentioned: statements.filter((statement) => mentioned.includes(statement.fact)),
  }
}

function witnesses(
  quotes: readonly Quote[],
  as: 'support' | 'contradiction',
  lookup: Lookup,
  readings: Readings,
  ignored: IgnoredQuote[],
): Witness[] {
  const found: Witness[] = []
  const seen = new Set<string>()
  for (const [at, quote] of quotes.entries()) {
    const passage = at < QUOTES_MOST ? lookup(quote.source, quote.passage) : undefined
    const match = matchQuote(quote, passage)
    const key = `${quote.source} ${quote.passage} ${normaliseWhitespace(quote.text)}`
    if (passage === undefined || match === 'absent' || seen.has(key)) {
      const reason =
        at >= QUOTES_MOST
          ? 'too-many'
          : passage === undefined
            ? 'missing'
            : match === 'absent'
              ? 'absent'
              : 'repeated'
      ignored.push({ quote, as, reason })
      continue
    }
    seen.add(key)
    const reading = readings.of(passage)
    found.push({
      quote,
      match,
      passage,
      reading,
      words: readings.words(quote.text),
      quotedMail: isQuotedMail(quote.text, passage.text),
      statements: within(quote, passage, reading),
    })
  }
  return found
}

/** The statements inside the quoted stretch. They are read in their passage, so that a cut quote keeps its subject. */
function within(quote: Quote, passage: Passage, reading: Reading): Statement[] {
  const at = passage.text.indexOf(quote.text)
  if (at === -1) return statementsOf(quote.text, reading.context, passage.text)
  return reading.statements.filter(({ fact }) => fact.start >= at && fact.end <= at + quote.text.length)
}

/** For each key, the strongest thing that a sentence of the quote says. */
function verdictsOn(keys: readonly Statement[], witness: Witness): Verdict[] {
  const sentences = verdictsOf(keys, witness.statements)
  return keys.map((_, at) => best(sentences.map(({ verdicts }) => verdicts[at] ?? 'other-value')))
}

function keysRefusal(verdicts: readonly Verdict[]): IgnoredReason | undefined {
  if (verdicts.includes('states')) return undefined
  if (verdicts.includes('negated')) return 'negated'
  if (verdicts.includes('other-subject')) return 'other-subject'
  return 'other-value'
}

/** A claim without values: a quote must share its words, and must not deny them. */
function wordsRefusal(text: string, context: Context, witness: Witness): IgnoredReason | undefined {
  const mine = [...context.terms]
  const overlap = overlapOf(mine, [...new Set(termsOf(witness.quote.text))], () => 1)
  if (overlap.common < Math.min(2, mine.length)) return 'other-subject'
  if (namesClash(context.kinds, witness.reading.context.kinds)) return 'other-subject'
  if (overlap.ofClaim >= 0.6 && isNegated(text) !== isNegated(witness.quote.text)) return 'negated'
  return undefined
}

/** What the quotes counted before rule out: copies of them, and another boat when the claim names none. */
function companyRefusal(witness: Witness, kept: readonly Witness[]): IgnoredReason | undefined {
  for (const other of kept) {
    if (other.quote.source === witness.quote.source) continue
    if (witness.quotedMail) return 'copy'
    if (isSameText(witness.words, other.words)) return 'copy'
    if (witness.reading.normalised === other.reading.normalised) return 'copy'
  }
  const first = kept[0]
  return first !== undefined && namesClash(first.reading.context.kinds, witness.reading.context.kinds)
    ? 'other-subject'
    : undefined
}

/** Values besides the keys that stand in no counted passage: nothing of a claim may be made up. */
function notMentioned(mentioned: readonly Statement[], kept: readonly Witness[]): string[] {
  if (mentioned.length === 0) return []
  return mentioned
    .filter(({ fact }) => {
      const written = squeeze(fact.text)
      return !kept.some(
        ({ reading }) =>
          [...fact.values, ...fact.bare].some((value) => reading.values.has(value)) ||
          reading.squeezed.includes(written),
      )
    })
    .map(({ fact }) => fact.text)
}
