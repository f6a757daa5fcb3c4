import { normaliseWhitespace } from '@infrafabric/evidence'
import { answerBlocks } from './answer-blocks.ts'
import { cut } from './visible.ts'

/** Characters of an answer, quote or claim that people are shown; the JSON report has all of them. */
export const SHOWN_MAX = 20_000

export function shortened(text: string): string {
  const head = cut(text, SHOWN_MAX)
  return head.left === 0 ? head.text : `${head.text}… (${head.left} more characters are in the JSON report)`
}

/**
 * Whether an answer is mostly quoted passages. Then the claims are what answers, and come first; prose is put
 * before the claims that bear it out.
 */
export function isDigest(answer: string): boolean {
  let quoted = 0
  let all = 0
  for (const block of answerBlocks(cut(answer, SHOWN_MAX).text)) {
    const length =
      block.kind === 'list'
        ? block.items.reduce((sum, item) => sum + item.text.length, 0)
        : block.kind === 'code'
          ? block.text.length
          : block.lines.reduce((sum, line) => sum + line.length, 0)
    all += length
    if (block.kind === 'quote') quoted += length
  }
  return quoted * 2 > all
}

/** The words that an answer shows, marks of quotes and line breaks aside. */
export function shownWords(answer: string): string {
  return normaliseWhitespace(cut(answer, SHOWN_MAX).text.replace(/^\s*>\s?/gm, ''))
}

/** A summary longer than this is no summary: what is disputed is told before it. */
const SHORT_MAX = 2_500

export function isShort(answer: string): boolean {
  return answer.length <= SHORT_MAX
}
