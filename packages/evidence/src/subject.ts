import { type Span, sentencesOf } from './sentences.ts'
import { fold, forEachToken, termsOfToken } from './words.ts'

/** What a fact is said of, as far as words show it. */
export interface Subject {
  /** Terms of its sentence or row, without the values. */
  terms: string[]
  /** Terms of its own clause, cell or field name: the nearer part of `terms`. */
  near: string[]
  /** Words that tell one of several like things from the others, by group: `side=port`, `tax=net`. */
  qualifiers: string[]
  /** What kind of moment a date is: `due`, `done`, `start`; empty when no word shows it. */
  role: '' | 'due' | 'done' | 'start'
  /** Its clause denies it. */
  negated: boolean
  /** The sentence or row it stands in. */
  sentence: Span
}

/**
 * Groups of words that exclude each other. Facts with different members of one group are never compared. General
 * words of any trade; a new group belongs here only if its members name siblings.
 */
const GROUPS: readonly [group: string, members: Readonly<Record<string, string>>][] = [
  [
    'side',
    { port: 'port|babord', starboard: 'starboard|stbd|tribord', left: 'left|left-hand', right: 'right-hand' },
  ],
  ['rank', { main: 'main|primary', auxiliary: 'auxiliary|secondary|backup|spare' }],
  ['machine', { generator: 'generator|genset', engine: 'engine|engines|motor' }],
  ['craft', { tender: 'tender|dinghy|outboard', yacht: 'yacht' }],
  ['end', { bow: 'bow|forward', stern: 'stern|aft' }],
  ['place', { inner: 'inner|internal|inside', outer: 'outer|external|outside' }],
  ['height', { upper: 'upper|top', lower: 'lower|bottom' }],
  ['face', { front: 'front', rear: 'rear|back' }],
  ['age', { new: 'new', old: 'old|previous|former' }],
  ['tax', { gross: 'gross|ttc|incl|including|inclusive', net: 'net|excl|excluding|exclusive|ht' }],
  [
    'share',
    { part: 'instalment|installment|deposit|partial', whole: 'annual|annually|yearly|total|whole|full' },
  ],
  ['bound', { least: 'minimum|min|least', most: 'maximum|max|most' }],
  ['party', { buyer: 'buyer|purchaser', seller: 'seller|vendor' }],
  ['flow', { input: 'input|in-bound|inbound', output: 'output|outbound' }],
  ['temperature', { hot: 'hot', cold: 'cold' }],
  ['water', { fresh: 'fresh', waste: 'black|grey|holding' }],
  [
    'ordinal',
    {
      1: 'first|1st',
      2: 'second|2nd',
      3: 'third|3rd',
      4: 'fourth|4th',
      5: 'fifth|5th',
      6: 'sixth|6th',
      7: 'seventh|7th',
      8: 'eighth|8th',
    },
  ],
  ['period', { month: 'monthly', week: 'weekly', day: 'daily', quarter: 'quarterly', year: 'annual|yearly' }],
]

const QUALIFIERS: ReadonlyMap<string, readonly string[]> = (() => {
  const all = new Map<string, string[]>()
  for (const [group, members] of GROUPS) {
    for (const [member, words] of Object.entries(members)) {
      for (const word of words.split('|')) all.set(word, [...(all.get(word) ?? []), `${group}=${member}`])
    }
  }
  return all
})()

const ROLES: readonly ['due' | 'done' | 'start', RegExp][] = [
  [
    'due',
    /\b(?:due|next|expir\w*|until|ends|ended|before|deadline|payable|latest|valid (?:to|until|till)|runs? out|not later|no later|must|shall|to be|replace by|renew by|within|by)\b/g,
  ],
  [
    'done',
    /\b(?:done|last|issued|paid in full|completed|carried out|serviced|was|were|has been|have been|made|built|bought|renewed|printed|written|inspected)\b/g,
  ],
  ['start', /\b(?:from|begins?|began|starts?|started|starting|since|commenc\w+|effective|runs from)\b/g],
]

const NEGATION = /\b(?:not|no|never|none|neither|nor|without|cannot)\b|n['’]t\b/i
const NEGATION_ALL_RIGHT =
  /\bnot (?:later|before|only|less|more|until)\b|\bno (?:later|less|more|fewer)\b|\bno\.\s|\bno\b(?=[.:]? ?[A-Z\d])/gi

const CLAUSE_END = /[;:|()\n]|\s{3,}|,(?=\s)|\s(?:and|but|while|whereas|which|so)\s/g
// A comma in "8 March, 2027" or "1,240" is inside a value and ends nothing; the caller's values say so.

/**
 * Tells the subject of the value at a span of `text`; `values` are all values of the text, so that they are no part of
 * subjects. What many values have in common, their sentence and clauses, is read once.
 */
export function subjectsOf(text: string, values: readonly Span[]): (span: Span) => Subject {
  const lines = new Map<number, Span[]>()
  const sentences = new Map<string, SentenceReading>()
  return (span) => {
    const sentence = sentenceAt(text, span, lines)
    const name = `${sentence.start} ${sentence.end}`
    let reading = sentences.get(name)
    if (reading === undefined) {
      reading = readSentence(text, sentence, values)
      sentences.set(name, reading)
    }
    const { clauses } = reading
    const at = Math.max(
      0,
      clauses.findIndex((clause) => span.start < clause.span.end),
    )
    const own = clauses[at]
    const from = own?.span.start ?? sentence.start
    const before = text.slice(from, span.start)
    return {
      terms: reading.terms,
      near: own?.terms ?? reading.terms,
      qualifiers: qualifiersAt(reading, at),
      role:
        (/\b(?:to|till)\s*$/.test(before) ? 'due' : roleOf(before)) ||
        roleOf(text.slice(sentence.start, span.start)),
      negated: own?.negated ?? isNegated(text.slice(sentence.start, sentence.end)),
      sentence,
    }
  }
}

interface SentenceReading {
  isRow: boolean
  terms: string[]
  clauses: { span: Span; terms: string[]; qualifiers: string[]; hasValue: boolean; negated: boolean }[]
}

function readSentence(text: string, sentence: Span, all: readonly Span[]): SentenceReading {
  const values = all.filter((value) => value.start < sentence.end && value.end > sentence.start)
  return {
    isRow: /^[^;\n]{1,80}:\s[^;\n]*;/.test(text.slice(sentence.start, sentence.end)),
    terms: distinct(termsBetween(text, sentence, values)),
    clauses: clausesOf(text, sentence, values).map((span) => ({
      span,
      terms: distinct(termsBetween(text, span, values)),
      qualifiers: qualifiersOf(text.slice(span.start, span.end)),
      hasValue: values.some((value) => span.start <= value.start && value.end <= span.end),
      negated: isNegated(text.slice(span.start, span.end)),
    })),
  }
}

/** Qualifiers of the clause at a position, with those of other clauses for what it leaves open. */
function qualifiersAt({ isRow, clauses }: SentenceReading, at: number): string[] {
  let qualifiers = clauses[at]?.qualifiers ?? []
  if (!isRow) {
    // "…, £1,200 for the port one": what the clause leaves open is settled by the clauses before, then after it.
    const others = [...clauses.slice(0, at).reverse(), ...clauses.slice(at + 1, at + 2)]
    for (const clause of others) {
      if (clause.qualifiers.length === 0) continue
      const known = new Set(qualifiers.map(groupOf))
      qualifiers = [
        ...qualifiers,
        ...clause.qualifiers.filter((one) => !known.has(groupOf(one)) && groupOf(one) !== 'tax'),
      ]
    }
  } else {
    const known = new Set(qualifiers.map(groupOf))
    // Cells that hold a value speak of that value; the others of the whole row.
    const cells = clauses.filter((clause) => !clause.hasValue).flatMap((clause) => clause.qualifiers)
    qualifiers = [...qualifiers, ...cells.filter((one) => !known.has(groupOf(one)))]
  }
  return distinct(qualifiers).sort()
}

export function isNegated(clause: string): boolean {
  return NEGATION.test(clause.replace(NEGATION_ALL_RIGHT, ' '))
}

export function groupOf(qualifier: string): string {
  return qualifier.slice(0, qualifier.indexOf('='))
}

/** Qualifiers of a stretch of text, `group=member`. */
function qualifiersOf(text: string): string[] {
  const found: string[] = []
  for (const match of text.matchAll(/[\p{L}\d]+/gu)) {
    const groups = QUALIFIERS.get(fold(match[0]))
    if (groups === undefined) continue
    const rest = text.slice(match.index + match[0].length)
    // "Port Valmeron" and "port 8080" are no side; neither is "New York" an age.
    if (/^\p{Lu}\p{Ll}/u.test(match[0]) && /^ \p{Lu}/u.test(rest)) continue
    if (
      /^port$/i.test(match[0]) &&
      (/^ \d/.test(rest) ||
        (/\b(?:the|in|to|from|a|of) $/.test(text.slice(Math.max(0, match.index - 5), match.index)) &&
          /^(?:[.,;]|$| (?:of|for|may|is|adds|will)\b)/.test(rest)))
    )
      continue
    found.push(...groups)
  }
  return found
}

function roleOf(text: string): Subject['role'] {
  const folded = text.toLowerCase().replace(/_/g, ' ')
  let best: Subject['role'] = ''
  let bestAt = -1
  for (const [role, pattern] of ROLES) {
    pattern.lastIndex = 0
    for (let match = pattern.exec(folded); match !== null; match = pattern.exec(folded)) {
      if (match.index > bestAt) {
        best = role
        bestAt = match.index
      }
    }
  }
  return best
}

function sentenceAt(text: string, span: Span, lines: Map<number, Span[]>): Span {
  const from = text.lastIndexOf('\n', span.start - 1) + 1
  const line = text.indexOf('\n', span.start)
  const to = line === -1 ? text.length : line
  let sentences = lines.get(from)
  if (sentences === undefined) {
    sentences = sentencesOf(text.slice(from, to))
    lines.set(from, sentences)
  }
  const sentence = sentences.find((one) => from + one.end > span.start)
  return sentence === undefined
    ? { start: from, end: to }
    : { start: from + sentence.start, end: from + sentence.end }
}

function clausesOf(text: string, sentence: Span, values: readonly Span[]): Span[] {
  const body = text.slice(sentence.start, sentence.end)
  const row = /^[^;\n]{1,80}:\s[^;\n]*;/.test(body)
  const clauses: Span[] = []
  let start = sentence.start
  for (const match of body.matchAll(row ? /;/g : CLAUSE_END)) {
    const at = sentence.start + match.index
    if (values.some((value) => value.start <= at && at < value.end)) continue
    // "hours: 1240": the field's name and its value belong together.
    if (match[0] === ':' && at - start < 60) continue
    // "Annual premium        EUR 5,760.00": so do the columns of a hand-set table.
    if (/^\s{3}/.test(match[0]) && !values.some((value) => start <= value.start && value.end <= at)) continue
    if (at > start) clauses.push({ start, end: at })
    start = at + match[0].length
  }
  if (start < sentence.end) clauses.push({ start, end: sentence.end })
  return clauses
}

function termsBetween(text: string, span: Span, values: readonly Span[]): string[] {
  let body = text.slice(span.start, span.end)
  for (const value of values) {
    if (value.start >= span.end || value.end <= span.start) continue
    const from = Math.max(0, value.start - span.start)
    const to = Math.min(body.length, value.end - span.start)
    body = body.slice(0, from) + ' '.repeat(to - from) + body.slice(to)
  }
  const terms: string[] = []
  forEachToken(body, (token) => {
    terms.push(...termsOfToken(token))
  })
  return terms
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)]
}
