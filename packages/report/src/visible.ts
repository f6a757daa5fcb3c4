/**
 * What can reorder or hide the words around it: controls, overrides and isolates of direction, tag characters,
 * lone surrogates. Line breaks and tabs stay; marks of right-to-left scripts (U+200E, U+200F) do too.
 */
const DECEPTIVE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]|\p{Surrogate}/gu

/** Text of strangers with its deceptive characters told by number, as in `⟦U+202E⟧`, and line breaks as `\n`. */
export function visible(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(
      DECEPTIVE,
      (one) => `⟦U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟧`,
    )
}

/** The same on one line. */
export function visibleLine(text: string): string {
  return visible(text).replace(/\s+/g, ' ').trim()
}

/** The text's beginning, whole code points, and how much was left out. */
export function cut(text: string, charactersMax: number): { text: string; left: number } {
  if (text.length <= charactersMax) return { text, left: 0 }
  const end = /[\ud800-\udbff]/.test(text[charactersMax - 1] ?? '') ? charactersMax - 1 : charactersMax
  return { text: text.slice(0, end), left: text.length - end }
}

export function cutLine(text: string, charactersMax: number): string {
  const head = cut(visibleLine(cut(text, charactersMax * 4).text), charactersMax)
  return head.left > 0 || text.length > charactersMax * 4 ? `${head.text}…` : head.text
}
