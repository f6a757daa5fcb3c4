/**
 * Words as the ranking and the comparison of facts see them: folded (accents and case gone), lightly stemmed,
 * codes kept whole. No locale decides anything here, so that every machine gives the same result.
 */

const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}\p{M}]+(?:[-./_,'’@+][\p{L}\p{N}\p{M}]+)*/gu

const STOP: ReadonlySet<string> = new Set(
  `a about above after again against all also am an and any are aren as at be because been before being below between
  both but by can cannot could couldn d did didn do does doesn doing don down during each few for from further had
  hadn has hasn have haven having he her here hers herself him himself his how i if in into is isn it its itself just
  ll m me more most must my myself no nor not now of off on once only or other our ours ourselves out over own please
  re s same shall she should shouldn so some such t than that the their theirs them themselves then there these they
  this those through to too under until up us ve very was wasn we were weren what when where which while who whom
  whose why will with within without won would wouldn you your yours yourself yourselves tell many much need needs
  one get got give given say says said does let per via etc may might`.split(/\s+/),
)

/** British and American spellings, and irregular forms, of one word. */
const SAME_WORD: Readonly<Record<string, string>> = {
  license: 'licence',
  licenses: 'licence',
  licensed: 'licence',
  licensing: 'licence',
  meter: 'metre',
  meters: 'metre',
  liter: 'litre',
  liters: 'litre',
  color: 'colour',
  colors: 'colour',
  centre: 'center',
  centres: 'center',
  expiry: 'expire',
  expiration: 'expire',
  expires: 'expire',
  paid: 'pay',
  payable: 'pay',
  payment: 'pay',
  payments: 'pay',
  sold: 'sell',
  sale: 'sell',
  insurance: 'insure',
  insurer: 'insure',
  insured: 'insure',
  replacement: 'replace',
  people: 'person',
  children: 'child',
  men: 'man',
  women: 'woman',
  written: 'write',
  wrote: 'write',
  bought: 'buy',
  costs: 'cost',
  hrs: 'hour',
  hr: 'hour',
  authors: 'author',
  catalog: 'catalogue',
  cancelled: 'cancel',
  cancellation: 'cancel',
  renewal: 'renew',
  inspection: 'inspect',
  inspections: 'inspect',
  requirement: 'require',
  requirements: 'require',
  installation: 'install',
  installations: 'install',
  chosen: 'choose',
  held: 'hold',
  began: 'begin',
  begun: 'begin',
} // prettier-like alignment is not wanted: one word, one target

export function isStopWord(word: string): boolean {
  return STOP.has(word)
}

/** Case and accents gone; ligatures and full-width forms opened. */
export function fold(text: string): string {
  const lower = text.toLowerCase()
  // Most words are ASCII, and normalisation is the dearest step of indexing.
  if (isAscii(lower)) return lower
  return lower
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/’/g, "'")
    .replace(/ß/g, 'ss')
    .replace(/œ/g, 'oe')
    .replace(/æ/g, 'ae')
}

/** A light English stemmer: plurals, -ing, -ed and a final e. Words with digits are left alone. */
export function stem(word: string): string {
  const same = Object.hasOwn(SAME_WORD, word) ? SAME_WORD[word] : undefined
  if (same !== undefined) return stem(same)
  // No other ending is ever cut.
  if (word.length < 4 || !/[sgdey]$/.test(word) || /\d/.test(word)) return word
  let base = word
  if (/[^aeiou]ies$/.test(base)) base = `${base.slice(0, -3)}y`
  else if (/(?:ss|x|z|ch|sh)es$/.test(base)) base = base.slice(0, -2)
  else if (/[^sui]s$/.test(base)) base = base.slice(0, -1)
  const cut = base.replace(/(?:ing|ed)$/, '')
  if (cut !== base && cut.length >= 3 && /[aeiouy]/.test(cut)) {
    base = /([^aeioulsz])\1$/.test(cut) ? cut.slice(0, -1) : cut
  }
  if (base.length > 3 && base.endsWith('e')) base = base.slice(0, -1)
  if (base.length > 3 && base.endsWith('y')) base = `${base.slice(0, -1)}i`
  return base
}

/** The terms of one raw token: its parts stemmed, and for a code or number the whole without its separators. */
function termsOfToken(raw: string): string[] {
  if (/^[a-z]+$/.test(raw)) return STOP.has(raw) ? [] : [stem(raw)]
  const folded = fold(raw).replace(/'(?:s|t|re|ve|ll|d|m)$/, '')
  const terms: string[] = []
  const parts = raw
    .replace(/([\p{Ll}])(\p{Lu})/gu, '$1-$2')
    .split(/[-./_,'’@+]/)
    .map((part) => fold(part))
  if (parts.length > 1 && /\d/.test(folded)) {
    terms.push(folded.replace(/[-./_,'@+]/g, ''))
    for (const part of parts) if (part.length > 1) terms.push(stem(part))
    return terms
  }
  for (const part of parts) {
    if (part !== '' && !STOP.has(part)) terms.push(stem(part))
  }
  // "hand-over" is also "handover".
  if (parts.length === 2 && raw.includes('-')) terms.push(stem(parts.join('')))
  return terms
}

/** Calls `each` for every raw token; for indexers that keep their own cache from token to terms. */
export function forEachToken(text: string, each: (token: string, start: number) => void): void {
  if (isAscii(text)) {
    forEachAsciiToken(text, each)
    return
  }
  const word = new RegExp(WORD)
  for (let found = word.exec(text); found !== null; found = word.exec(text)) each(found[0], found.index)
}

/** What `WORD` finds in plain ASCII, at a third of its time. */
function forEachAsciiToken(text: string, each: (token: string, start: number) => void): void {
  for (let at = 0; at < text.length; at++) {
    if (!isLetterOrDigit(text.charCodeAt(at))) continue
    const start = at
    do at++
    while (
      isLetterOrDigit(text.charCodeAt(at)) ||
      ("-./_,'@+".includes(text.charAt(at)) && isLetterOrDigit(text.charCodeAt(at + 1)))
    )
    each(text.slice(start, at), start)
  }
}

/** Of ASCII; not of NaN, which stands behind a text's end. */
function isLetterOrDigit(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57)
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  return /^[\x00-\x7f]*$/.test(text)
}

export { termsOfToken }

/** Content terms of a text, in order, with repetitions. */
export function termsOf(text: string): string[] {
  const terms: string[] = []
  forEachToken(text, (token) => terms.push(...termsOfToken(token)))
  return terms
}
