import { datesOf } from './dates.ts'
import { NUMBER, numberStyleOf, plus, readingsOf, times } from './numbers.ts'
import type { Span } from './sentences.ts'
import { type Subject, subjectsOf } from './subject.ts'
import { unitOf, unitOfLabel } from './units.ts'
import { fold, isStopWord } from './words.ts'

export type FactKind = 'figure' | 'date' | 'time' | 'identifier' | 'version' | 'licence' | 'name'

/** Something a text states that can be compared with what another text states. */
export interface Fact extends Span {
  kind: FactKind
  /** As written. */
  text: string
  /** Normalised readings; several when the writing is ambiguous. A range is `low..high`. */
  values: string[]
  /** Of a figure: its readings before conversion to the base unit. */
  bare: string[]
  /** Of a figure: its base unit, `s` for hours and minutes, `mm`, `ml`, `EUR`…; empty without one. */
  unit: string
  /** It names a thing rather than measuring it, as in "the 1,250-hour service". */
  naming: boolean
  /** What it is said of. */
  subject: Subject
}

/** What is found before its subject is known. */
type Found = Omit<Fact, 'subject' | 'text' | 'bare'> & { bare?: string[] }

const FACTS_MOST = 400
const TEXT_MOST = 20_000

/**
 * The facts of a text, in reading order. `context` is the text it was taken from: it settles what `1.240` or
 * `03/04/2027` mean, when it shows that anywhere.
 */
export function factsOf(given: string, context: string = given): Fact[] {
  const text = given.slice(0, TEXT_MOST)
  const values = foundIn(text, context.slice(0, TEXT_MOST))
  const names = namesIn(text)
    .filter(
      (name) =>
        !values.some((fact) => fact.kind !== 'licence' && name.start < fact.end && fact.start < name.end),
    )
    .slice(0, FACTS_MOST)
  return asFacts(
    text,
    [...values, ...names].sort((a, b) => a.start - b.start),
    values,
  )
}

/** The facts of a text that are no names: only these are compared. */
export function valuesOf(given: string, context: string = given): Fact[] {
  const text = given.slice(0, TEXT_MOST)
  const values = foundIn(text, context.slice(0, TEXT_MOST))
  return asFacts(text, values, values)
}

function asFacts(text: string, found: readonly Found[], values: readonly Found[]): Fact[] {
  const subjectAt = subjectsOf(text, values)
  return found.map((fact) => ({
    ...fact,
    bare: fact.bare ?? [],
    text: text.slice(fact.start, fact.end),
    subject: subjectAt(fact),
  }))
}

/** In reading order. */
function foundIn(text: string, around: string): Found[] {
  const found: Found[] = []
  // The order is that of claims on the text: what is taken as a date is no figure.
  const taken = new Uint8Array(text.length)
  const add = (fact: Found): void => {
    for (let at = fact.start; at < fact.end; at++) if (taken[at] === 1) return
    taken.fill(1, fact.start, fact.end)
    found.push(fact)
  }
  for (const match of text.matchAll(
    /(?:https?:\/\/|www\.)[^\s<>"]{1,2000}|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}/g,
  )) {
    taken.fill(1, match.index, match.index + match[0].length)
  }
  const hasDigits = /\d/.test(text)
  if (hasDigits) {
    for (const date of datesOf(text, around)) add({ ...date, kind: 'date', unit: '', naming: false })
    addTimes(text, add)
  }
  addLicences(text, add)
  if (hasDigits) {
    addVersions(text, add)
    addIdentifiers(text, add)
    addFigures(text, numberStyleOf(around), add)
  }
  return found.sort((a, b) => a.start - b.start).slice(0, FACTS_MOST)
}

type Add = (fact: Found) => void

function addTimes(text: string, add: Add): void {
  for (const match of text.matchAll(
    /(?<![\d:.,-])([01]?\d|2[0-4]):([0-5]\d)(?::[0-5]\d)?(?![\d:])(?:\s?([ap])\.?m\b\.?)?/gi,
  )) {
    const [whole, hours = '0', minutes = '00', half] = match
    const shift =
      half?.toLowerCase() === 'p' && Number(hours) < 12
        ? 12
        : half?.toLowerCase() === 'a' && hours === '12'
          ? -12
          : 0
    const value = `${String(Number(hours) + shift).padStart(2, '0')}:${minutes}`
    add({
      start: match.index,
      end: match.index + whole.length,
      kind: 'time',
      values: [value],
      unit: '',
      naming: false,
    })
  }
}

const LICENCES: readonly [pattern: RegExp, value: string][] = [
  [/\bMIT(?=[\s-]+licen[cs]e)|(?<=licen[cs]e[d]?["']?\s*(?::|is|under|under the)?\s*["']?)MIT\b/gi, 'MIT'],
  [/\b(?:the )?MIT\b(?=[\s)."',;]|$)/g, 'MIT'],
  [/\bISC\b(?=[\s)."',;]|$)/g, 'ISC'],
  [/\bApache(?:[\s-]+(?:Software )?Licen[cs]e)?,?[\s-]*(?:Version |v)?2(?:\.0)?(?![\d.])/gi, 'Apache-2.0'],
  [/\b0BSD\b/g, '0BSD'],
  [/\bBSD[\s-]+2[\s-]Clause\b|\b2-Clause BSD\b|\bSimplified BSD\b/gi, 'BSD-2-Clause'],
  [/\bBSD[\s-]+3[\s-]Clause\b|\b3-Clause BSD\b|\b(?:New|Revised) BSD\b/gi, 'BSD-3-Clause'],
  [/\bMPL[\s-]*2\.0\b|\bMozilla Public License,? (?:Version |v\.? ?)?2\.0\b/gi, 'MPL-2.0'],
  [/\bAGPL[\s-]*(?:v)?3(?:\.0)?\b|\bGNU Affero General Public License\b/gi, 'AGPL-3.0'],
  [/\bLGPL[\s-]*(?:v)?3(?:\.0)?\b/gi, 'LGPL-3.0'],
  [/\bLGPL[\s-]*(?:v)?2\.1\b/gi, 'LGPL-2.1'],
  [/\bGPL[\s-]*(?:v)?3(?:\.0)?\b/gi, 'GPL-3.0'],
  [/\bGPL[\s-]*(?:v)?2(?:\.0)?\b/gi, 'GPL-2.0'],
  [/\bCC0(?:[\s-]*1\.0)?\b/gi, 'CC0-1.0'],
  [/\bCC[\s-]BY[\s-]SA[\s-]*4\.0\b/gi, 'CC-BY-SA-4.0'],
  [/\bCC[\s-]BY[\s-]*4\.0\b/gi, 'CC-BY-4.0'],
  [/\bBlueOak-1\.0\.0\b|\bBlue Oak Model License\b/gi, 'BlueOak-1.0.0'],
  [/\bUnlicense\b/g, 'Unlicense'],
  [/\bWTFPL\b/g, 'WTFPL'],
  [/\bPython-2\.0\b/g, 'Python-2.0'],
]

/** One of these stands in whatever the patterns above find. */
const LICENCE_WORD = /MIT|ISC|Apache|BSD|MPL|Mozilla|GPL|Affero|CC0|CC[\s-]BY|Blue|Unlicense|WTFPL|Python/i

function addLicences(text: string, add: Add): void {
  if (!LICENCE_WORD.test(text)) return
  for (const [pattern, value] of LICENCES) {
    for (const match of text.matchAll(pattern)) {
      add({
        start: match.index,
        end: match.index + match[0].length,
        kind: 'licence',
        values: [value],
        unit: '',
        naming: false,
      })
    }
  }
}

function addVersions(text: string, add: Add): void {
  for (const match of text.matchAll(
    /(?<![\w.,/-])v?(\d{1,5}\.\d{1,5}\.\d{1,6}(?:-[0-9A-Za-z.]{1,40})?)(?![\w]|\.\d)|(?<![\w.,/-])v(\d{1,4}(?:\.\d{1,4})?)(?![\w]|\.\d)/g,
  )) {
    const value = match[1] ?? match[2] ?? ''
    // 1.240.000 is a number with its groups of three.
    if (/^\d{1,3}(?:\.\d{3})+$/.test(value)) continue
    add({
      start: match.index,
      end: match.index + match[0].length,
      kind: 'version',
      values: [value],
      unit: '',
      naming: false,
    })
  }
}

const CODE =
  /(?<![\p{L}\p{N}])(?=[^\s]*\d)[\p{Lu}\p{Nd}][\p{Lu}\p{Nd}]*(?:[-/][\p{Lu}\p{Nd}]+)*(?![\p{L}\p{N}])/gu
const LONG_NUMBER =
  /(?<![\p{L}\p{N}.,/-])\+?\d{2,4}(?:[ \u00a0]\d{2,4}){2,7}(?![\d.,]\d|\d)|(?<![\p{L}\p{N}.,/-])\d{7,}(?![\p{L}\p{N}]|[.,]\d)/gu

function addIdentifiers(text: string, add: Add): void {
  for (const match of text.matchAll(CODE)) {
    const code = match[0]
    const letters = /\p{Lu}/u.test(code)
    const written = code.replace(/[-/]/g, '')
    // "13KW", "32A": a figure with its unit; "9-12": a range; "9-8812", "55-2031": a part number.
    if (letters && /^\d+\p{Lu}{1,3}$/u.test(code)) continue
    if (!letters && !/^\d{1,4}-\d{4,}$/.test(code)) continue
    if (!letters && /^(?:19|20)\d{2}-(?:19|20)\d{2}$/.test(code)) continue
    if (written.length < 3) continue
    add({
      start: match.index,
      end: match.index + code.length,
      kind: 'identifier',
      values: [fold(written)],
      unit: '',
      naming: false,
    })
  }
  for (const match of text.matchAll(LONG_NUMBER)) {
    const digits = match[0].replace(/\D/g, '')
    const after = /^[ \u00a0-]?([\p{L}%°€$£¥]+)/u.exec(
      text.slice(match.index + match[0].length, match.index + match[0].length + 14),
    )?.[1]
    if (digits.length < 7 || (after !== undefined && unitOf(after) !== undefined)) continue
    if (
      /[€$£¥]\s?$|\b[A-Z]{3}\s{1,20}$/.test(text.slice(Math.max(0, match.index - 24), match.index)) &&
      /(?:[€$£¥]\s?|EUR|USD|GBP|CHF)\s*$/.test(text.slice(Math.max(0, match.index - 24), match.index))
    )
      continue
    add({
      start: match.index,
      end: match.index + match[0].length,
      kind: 'identifier',
      values: [digits],
      unit: '',
      naming: false,
    })
  }
}

const FIGURE = new RegExp(
  `(?<![\\p{L}\\p{N}]|[\\p{L}\\p{N}][-./,])(?<before>US\\$|[€$£¥₹]|(?:EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|CAD|AUD|CNY|INR)(?=[\\s\\d]))?[ \\u00a0\\u202f]{0,24}(?<sign>[-−](?=\\d))?(?<one>${NUMBER})(?:\\s?(?:-|–|\\bto\\b)\\s?(?<other>${NUMBER}))?(?:[ \\u00a0\\u202f]?(?<scale>million|thousand|billion|mn|bn)\\b)?(?<hyphen>-)?(?:[ \\u00a0\\u202f]{0,2}(?:running |engine |operating )?(?<after>[\\p{L}%°º€$£¥³]{1,14}))?`,
  'gu',
)
const SCALES: Readonly<Record<string, bigint>> = {
  thousand: 1000n,
  million: 1_000_000n,
  mn: 1_000_000n,
  billion: 1_000_000_000n,
  bn: 1_000_000_000n,
}

function addFigures(text: string, style: Parameters<typeof readingsOf>[1], add: Add): void {
  for (const match of text.matchAll(FIGURE)) {
    const { before, sign, one = '', other, scale, hyphen, after } = match.groups ?? {}
    const start = match.index + (before === undefined ? match[0].length - match[0].trimStart().length : 0)
    const numberEnd =
      text.indexOf(other ?? one, other === undefined ? start : text.indexOf(one, start) + one.length) +
      (other ?? one).length
    // "0.31 per kWh" is no kilowatt-hour; "4 x 12" are counts.
    const unit = before !== undefined ? unitOf(before) : after !== undefined ? unitOf(after) : undefined
    const written = before === undefined && unit !== undefined && after !== undefined
    if (
      after !== undefined &&
      !written &&
      hyphen === undefined &&
      /^[\p{L}]/u.test(text.slice(numberEnd, numberEnd + 1))
    ) {
      // "2x", "14th", "3rd": letters grown onto digits that are no unit.
      continue
    }
    const end = written
      ? match.index + match[0].length
      : scale === undefined
        ? numberEnd
        : text.indexOf(scale, numberEnd) + scale.length
    const labelled = unit ?? (before === undefined ? unitOfLabel(labelBefore(text, start)) : undefined)
    const year =
      labelled === undefined && before === undefined && other === undefined && /^(?:19|20)\d{2}$/.test(one)
    if (year) {
      add({
        start: match.index + match[0].indexOf(one),
        end: numberEnd,
        kind: 'date',
        values: [one],
        unit: '',
        naming: false,
      })
      continue
    }
    const factor = (labelled?.factor ?? 1n) * (scale === undefined ? 1n : (SCALES[scale] ?? 1n))
    const signed = sign === undefined ? '' : '-'
    const low = readingsOf(one, style).map((reading) => signed + times(reading, factor))
    const high =
      other === undefined ? undefined : readingsOf(other, style).map((reading) => times(reading, factor))
    const values = high === undefined ? low : low.flatMap((from) => high.map((to) => `${from}..${to}`))
    if (values.length === 0) continue
    const fact: Found = {
      start,
      end,
      kind: 'figure',
      values,
      bare: other === undefined ? readingsOf(one, style) : [],
      unit: labelled?.unit ?? '',
      // "its 1,250-hour service", "8-person", "Pelorus 340": they name a thing.
      naming:
        (hyphen !== undefined && written) ||
        (labelled === undefined &&
          /\p{Lu}[\p{Ll}]+[ -]$/u.test(text.slice(Math.max(0, start - 24), start)) &&
          !/[.!?:;]\s+\S+[ -]$|^\S+[ -]$/.test(text.slice(Math.max(0, start - 40), start))),
    }
    const inches =
      fact.unit === 'in' && other === undefined ? /^ (\d{1,2}) ?in\b/.exec(text.slice(end, end + 8)) : null
    if (inches?.[1] !== undefined && low[0] !== undefined) {
      fact.values = [plus(low[0], inches[1])]
      fact.end += inches[0].length
    }
    add(fact)
  }
}

/** The words of the field or column name that a bare number stands under: `at_hours: 1250`. */
function labelBefore(text: string, start: number): string[] {
  const label = /(?:^|[\n;,|])\s*([^;\n|:]{1,80}?):\s*$/.exec(
    text.slice(Math.max(0, start - 100), start),
  )?.[1]
  return label === undefined ? [] : label.split(/[\s_.[\]()/-]+/).filter((word) => word !== '')
}

const NAME =
  /\p{Lu}[\p{L}'’&.-]*\p{L}(?:[ \u00a0](?:(?:de|da|di|du|la|le|of|van|von|der|den|&)[ \u00a0])?\p{Lu}[\p{L}'’&.-]*[\p{L}])+/gu

function namesIn(text: string): Found[] {
  const names: Found[] = []
  for (const match of text.matchAll(NAME)) {
    const lead = /^(?:[\p{L}]+[ \u00a0])/u.exec(match[0])?.[0] ?? ''
    const skip = isStopWord(fold(lead.trim())) ? lead.length : 0
    const name = match[0].slice(skip)
    if (name.length > 80 || !/[ \u00a0]/.test(name)) continue
    names.push({
      start: match.index + skip,
      end: match.index + match[0].length,
      kind: 'name',
      values: [fold(name).replace(/\s+/g, ' ')],
      unit: '',
      naming: false,
    })
  }
  return names
}
