import { termsOf } from '@infrafabric/evidence'

/** What kind of words an answer must hold. */
export type Cue = 'date' | 'money' | 'count' | 'person' | 'place' | 'licence' | 'duty' | 'trouble' | 'about'

/** One thing asked. A question may ask several. */
export interface Facet {
  text: string
  /** Content terms that tell what it is about. */
  terms: string[]
  cues: Cue[]
}

const CUES: readonly [cue: Cue, pattern: RegExp][] = [
  [
    'date',
    /\bwhen\b|\bdates?\b|\bdeadlines?\b|\buntil\b|\bexpir\w+|\bhow (?:long|soon|old)\b|\b(?:what|which) (?:year|month|day)\b|\bdue\b/i,
  ],
  [
    'money',
    /\bcosts?\b|\bprices?\b|\bfees?\b|\bpay(?:s|able)?\b|\bpremium\b|\bhow much\b|\bamounts?\b|\bcharges?\b|\bbudget\b|\bbills?\b/i,
  ],
  ['count', /\bhow (?:many|much|far|fast|big|large|long|high|deep|heavy)\b|\bnumber of\b|\bhours\b/i],
  ['person', /\bwho(?:se|m)?\b|\bauthors?\b|\bholders?\b|\bmaintainers?\b/i],
  ['place', /\bwhere\b|\bwhich (?:place|port|city|country|address)\b/i],
  ['licence', /\blicen[cs]e[sd]?\b|\bcopyright\b/i],
  ['about', /^\s*what (?:is|are|does|do)\b[^,]*$/i],
  ['duty', /\bmust\b|\bshould\b|\bneeds? to\b|\bhave to\b|\brequired?\b|\bhow can\b|\bwhat to do\b/i],
  [
    'trouble',
    /\bdefects?\b|\bproblems?\b|\bwrong\b|\bfaults?\b|\brisks?\b|\bissues?\b|\bbroken\b|\bdamages?\b/i,
  ],
]

/** Words of a question that ask for a kind of answer, or say little: they count for a third. */
const FAINT: ReadonlySet<string> = new Set(
  termsOf(
    `due date cost price fee amount number take place happen next know new find use used using work name call year month
    day time first thing something way kind sort type exist include including question answer document evidence run
    put right wrong keep stay go come make become provide available long old happen state describe list important hold
    have long soon mean there different each other also still already holder cover else expire defect problem fault risk issue damage service serviced replace date holder author done wrote`,
  ),
)
export const FAINT_WEIGHT = 0.3

export function isFaint(term: string): boolean {
  return FAINT.has(term)
}

/**
 * What is asked, one by one: `What is the fee, when is it payable, and how can I keep the berth?` asks three
 * things; `How many hours have the port engine, the starboard engine and the generator run?` asks one of three.
 * The whole question comes first.
 */
export function facetsOf(question: string): Facet[] {
  const whole = facet(question, question)
  const facets: Facet[] = [whole]
  for (const sentence of question.split(/(?<=[?.;!])\s+|\n+/)) {
    const asked = sentence.split(
      /,\s*(?:and\s+)?(?=(?:what|which|when|where|who|whose|how|why|must|is|are|does|do|can)\b)|\s+and\s+(?=(?:what|which|when|where|who|whose|how|why)\b)/i,
    )
    for (const part of asked) {
      const items = itemsOf(part)
      if (asked.length > 1 || items.length < 2) facets.push(facet(part, part))
      for (const item of items) facets.push(facet(item, part))
    }
  }
  const seen = new Set<string>()
  return facets
    .filter((one) => one.terms.length > 0)
    .filter((one) => {
      const key = [...new Set(one.terms)].sort().join(' ')
      return !seen.has(key) && seen.add(key)
    })
    .slice(0, 12)
}

/** Members of an enumeration, each with the verb and the asked words that all share. */
function itemsOf(part: string): string[] {
  const pieces = part.split(/,\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+/)
  if (pieces.length < 3) return []
  const tail =
    /\b(?:have|has|be|been|cost|run|due|in|for|during|before|after)\b.*$/i.exec(pieces.at(-1) ?? '')?.[0] ??
    ''
  return pieces.map((piece, at) => (at === pieces.length - 1 ? piece : `${piece} ${tail}`).trim())
}

function facet(text: string, cueText: string): Facet {
  return {
    text,
    terms: withoutWholes([...new Set(termsOf(text))]),
    cues: CUES.filter(([, pattern]) => pattern.test(cueText)).map(([cue]) => cue),
  }
}

/** Of `better-sqlite3` a text's terms are the whole and both parts: one name must not weigh as three words. */
export function withoutWholes(terms: readonly string[]): string[] {
  const isWhole = (term: string): boolean =>
    terms.some((head) => term.startsWith(head) && head !== term && terms.includes(term.slice(head.length)))
  return terms.filter((term) => !isWhole(term))
}
