export interface NumberedPassage {
  number: number
  /** The rest of its line. */
  text: string
}

/** What a prompt numbers at the start of a line, words before the number allowed: `[7] The survey found…`. */
export function readPassages(prompt: string): NumberedPassage[] {
  return [...prompt.matchAll(/^[ \t]*(?:[a-z]+ ){0,3}\[(\d+)\][ \t]*(.*)$/gm)].map(
    ([, number, text = '']) => ({
      number: Number(number),
      text: text.trim(),
    }),
  )
}
