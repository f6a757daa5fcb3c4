import { normaliseWhitespace } from './quotes.ts'
import { fold, forEachToken } from './words.ts'

/** From this many words on, the same words in two sources are a copy and not a second witness. */
const WORDS_OF_A_COPY = 8
/** The share of the shorter text's five-word runs that make it the same text. */
const SAME_TEXT = 0.8
const RUN = 5

/** Words and figures of a text, without case, accents, punctuation and marks of quoted mail. */
export function wordsOf(text: string): string[] {
  const words: string[] = []
  forEachToken(text, (token) => words.push(fold(token)))
  return words
}

/**
 * Whether one text was copied from the other: the shorter has at least eight words, and four fifths of its runs of
 * five stand in the other. Two short rows that read alike are no copy; there the whole passages decide.
 */
export function isSameText(one: readonly string[], other: readonly string[]): boolean {
  const [shorter, longer] = one.length <= other.length ? [one, other] : [other, one]
  if (shorter.length < WORDS_OF_A_COPY) return false
  const runs = new Set<string>()
  for (let at = 0; at + RUN <= longer.length; at++) runs.add(longer.slice(at, at + RUN).join(' '))
  let same = 0
  let all = 0
  for (let at = 0; at + RUN <= shorter.length; at++) {
    all += 1
    if (runs.has(shorter.slice(at, at + RUN).join(' '))) same += 1
  }
  return same / all >= SAME_TEXT
}

/** Whether the quoted words stand in lines that mail programs mark as quoted. */
export function isQuotedMail(quote: string, passage: string): boolean {
  if (!passage.includes('>')) return false
  const wanted = normaliseWhitespace(quote.replace(/^[>\s]+/gm, ''))
  if (wanted === '') return false
  const lines = passage.split('\n')
  const own = normaliseWhitespace(lines.filter((line) => !/^\s*>/.test(line)).join(' '))
  if (own.includes(wanted)) return false
  return lines.some((line) => /^\s*>/.test(line))
    ? normaliseWhitespace(
        lines
          .filter((line) => /^\s*>/.test(line))
          .map((line) => line.replace(/^[>\s]+/, ''))
          .join(' '),
      ).includes(wanted)
    : false
}
