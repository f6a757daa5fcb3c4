export interface NumberedPassage {
  number: number
  /** Up to the next numbered line. */
  text: string
}

/** Passages that a prompt numbers at the start of a line: `[7] The survey found…`. */
export function readPassages(prompt: string): NumberedPassage[] {
  const starts = [...prompt.matchAll(/^[ \t]*\[(\d+)\][ \t]*/gm)]
  return starts.map((start, at) => ({
    number: Number(start[1]),
    text: prompt.slice(start.index + start[0].length, starts[at + 1]?.index ?? prompt.length).trim(),
  }))
}
