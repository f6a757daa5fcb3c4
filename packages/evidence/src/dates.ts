import type { Span } from './sentences.ts'

export interface WrittenDate extends Span {
  /** `2027-03-14`, `2027-03`, `2027` or, without a year, `--03-14`; two of them when day and month may be swapped. */
  values: string[]
}

const MONTHS: readonly string[] = [
  'january jan janvier januar enero gennaio',
  'february feb fevrier februar febrero febbraio',
  'march mar mars marz marzo',
  'april apr avril abril aprile',
  'may mai mayo maggio',
  'june jun juin juni junio giugno',
  'july jul juillet juli julio luglio',
  'august aug aout agosto',
  'september sep sept septembre septiembre settembre',
  'october oct octobre oktober octubre ottobre',
  'november nov novembre noviembre',
  'december dec decembre dezember diciembre dicembre',
]
const MONTH_NUMBER: ReadonlyMap<string, number> = new Map(
  MONTHS.flatMap((names, at) => names.split(' ').map((name) => [name, at + 1] as const)),
)
const MONTH = '([A-Za-zÀ-ÿ]{3,10})\\.?'
const DAY = '(\\d{1,2})(?:st|nd|rd|th|er)?\\.?'
const YEAR = '((?:19|20)\\d{2})(?!\\d)'
const BEFORE = '(?<![\\d.,/\\p{L}_-])'

type Build = (parts: string[]) => string[] | undefined

const FORMATS: readonly { pattern: RegExp; build: Build }[] = [
  {
    pattern: new RegExp(`${BEFORE}(\\d{4})-(\\d{2})-(\\d{2})(?!\\d|-\\d)`, 'gu'),
    build: ([y, m, d]) => day(y, m, d),
  },
  {
    pattern: new RegExp(`${BEFORE}(\\d{4})/(\\d{2})/(\\d{2})(?!\\d)`, 'gu'),
    build: ([y, m, d]) => day(y, m, d),
  },
  {
    pattern: new RegExp(`${BEFORE}${DAY}\\s+(?:of\\s+)?${MONTH},?\\s+${YEAR}`, 'gu'),
    build: ([d, m, y]) => named(y, m, d),
  },
  {
    pattern: new RegExp(`${BEFORE}${MONTH}\\s+${DAY},?\\s+${YEAR}`, 'gu'),
    build: ([m, d, y]) => named(y, m, d),
  },
  {
    pattern: new RegExp(`${BEFORE}(\\d{1,2})-([A-Za-z]{3})-${YEAR}`, 'gu'),
    build: ([d, m, y]) => named(y, m, d),
  },
  {
    pattern: new RegExp(`${BEFORE}(\\d{1,2})([/.-])(\\d{1,2})\\2((?:19|20)\\d{2})(?!\\d)`, 'gu'),
    build: ([a, mark, b, y]) => swappable(y, a, b, mark !== '.'),
  },
  {
    pattern: new RegExp(`${BEFORE}(0[1-9]|1[0-2])/((?:19|20)\\d{2})(?!\\d)`, 'gu'),
    build: ([m, y]) => month(y, m),
  },
  {
    pattern: new RegExp(`${BEFORE}((?:19|20)\\d{2})-(0[1-9]|1[0-2])(?![\\d-])`, 'gu'),
    build: ([y, m]) => month(y, m),
  },
  { pattern: new RegExp(`${BEFORE}${MONTH},?\\s+${YEAR}`, 'gu'), build: ([m, y]) => namedMonth(y, m) },
  {
    pattern: new RegExp(`${BEFORE}${DAY}\\s+(?:of\\s+)?${MONTH}(?![\\p{L}])`, 'gu'),
    build: ([d, m]) => yearless(m, d),
  },
  {
    pattern: new RegExp(`${BEFORE}${MONTH}\\s+${DAY}(?![\\d.,:]\\d|\\d)`, 'gu'),
    build: ([m, d]) => yearless(m, d),
  },
]

/** Two days that share a month: `26 to 30 March 2027`. */
const SHARED_MONTH = new RegExp(
  `${BEFORE}${DAY}\\s*(?:-|–|to|and|until)\\s*(?=${DAY}\\s+(?:of\\s+)?${MONTH},?\\s+${YEAR})`,
  'gu',
)

/**
 * Dates of a text in reading order. `14/03/2027` is 14 March, `03/14/2027` too; `03/04/2027` is either, unless
 * `context` holds a date that settles which of the two the text uses (and none that settles the other).
 */
export function datesOf(text: string, context: string): WrittenDate[] {
  const order = orderOf(context)
  const found: WrittenDate[] = []
  const add = (start: number, end: number, values: string[] | undefined): void => {
    if (values === undefined || found.some((one) => start < one.end && one.start < end)) return
    found.push({ start, end, values })
  }
  for (const match of text.matchAll(SHARED_MONTH)) {
    const [whole, first, , monthName, year] = match
    add(
      match.index,
      match.index + whole.trimEnd().replace(/\s*(?:-|–|to|and|until)$/, '').length,
      named(year, monthName, first),
    )
  }
  for (const { pattern, build } of FORMATS) {
    for (const match of text.matchAll(pattern)) {
      const values = build(match.slice(1))
      add(
        match.index,
        match.index + match[0].trimEnd().length,
        values?.length === 2 ? settled(values, order) : values,
      )
    }
  }
  return found.sort((a, b) => a.start - b.start)
}

function orderOf(context: string): 'day-first' | 'month-first' | undefined {
  let dayFirst = false
  let monthFirst = false
  for (const [, a = '', b = ''] of context.matchAll(
    /(?<![\d/])(\d{1,2})\/(\d{1,2})\/(?:19|20)\d{2}(?!\d)/g,
  )) {
    if (Number(a) > 12) dayFirst = true
    if (Number(b) > 12) monthFirst = true
  }
  return dayFirst === monthFirst ? undefined : dayFirst ? 'day-first' : 'month-first'
}

function settled(values: string[], order: 'day-first' | 'month-first' | undefined): string[] {
  const [dayFirst, monthFirst] = values
  if (order === 'day-first' && dayFirst !== undefined) return [dayFirst]
  if (order === 'month-first' && monthFirst !== undefined) return [monthFirst]
  return values
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function day(
  year: string | undefined,
  monthText: string | undefined,
  dayText: string | undefined,
): string[] | undefined {
  const monthNumber = Number(monthText)
  const dayNumber = Number(dayText)
  if (!(monthNumber >= 1 && monthNumber <= 12 && dayNumber >= 1 && dayNumber <= 31)) return undefined
  return [`${year}-${two(monthNumber)}-${two(dayNumber)}`]
}

function month(year: string | undefined, monthText: string | undefined): string[] | undefined {
  return [`${year}-${two(Number(monthText))}`]
}

function monthNumberOf(name: string | undefined): number | undefined {
  return MONTH_NUMBER.get((name ?? '').toLowerCase().normalize('NFD').replace(/\p{M}/gu, ''))
}

function named(
  year: string | undefined,
  name: string | undefined,
  dayText: string | undefined,
): string[] | undefined {
  const number = monthNumberOf(name)
  return number === undefined ? undefined : day(year, String(number), dayText)
}

function namedMonth(year: string | undefined, name: string | undefined): string[] | undefined {
  const number = monthNumberOf(name)
  return number === undefined ? undefined : [`${year}-${two(number)}`]
}

function yearless(name: string | undefined, dayText: string | undefined): string[] | undefined {
  const number = monthNumberOf(name)
  const dayNumber = Number(dayText)
  // "May 3" is a date, "may 3" is a verb and a number.
  if (number === undefined || /^\p{Ll}/u.test(name ?? '') || !(dayNumber >= 1 && dayNumber <= 31))
    return undefined
  return [`--${two(number)}-${two(dayNumber)}`]
}

function swappable(
  year: string | undefined,
  a: string | undefined,
  b: string | undefined,
  both: boolean,
): string[] | undefined {
  const dayFirst = day(year, b, a)
  const monthFirst = both ? day(year, a, b) : undefined
  if (dayFirst === undefined) return monthFirst
  if (monthFirst === undefined || monthFirst[0] === dayFirst[0]) return dayFirst
  return [...dayFirst, ...monthFirst]
}

/** Whether a date of the evidence states the claim's date: the same, or a more precise one within it. */
export function dateStates(evidence: string, claim: string): boolean {
  if (claim.startsWith('--')) return evidence.slice(4) === claim.slice(1) || evidence === claim
  return evidence === claim || evidence.startsWith(`${claim}-`)
}

/** Whether both cannot be true of one event. A month does not clash with a day in it. */
export function datesClash(one: string, other: string): boolean {
  return !dateStates(one, other) && !dateStates(other, one)
}
