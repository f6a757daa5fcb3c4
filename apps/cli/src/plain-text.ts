/**
 * Text of others (names of files, what a server said) as it may be shown on a terminal: control characters and
 * those that turn the direction of text become visible, so that nobody can move the cursor or forge a line.
 */
export function plainText(text: string): string {
  return text.replace(/[^\P{C}\n\t]|[\u2028\u2029]/gu, (character) => {
    // Emoji are joined by it.
    if (character === '\u200d') return character
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

/** The same on one line, cut to this many characters. */
export function oneLine(text: string, charactersMax = 200): string {
  const line = plainText(
    text
      .slice(0, 4 * charactersMax)
      .replace(/\s+/g, ' ')
      .trim(),
  )
  const characters = [...line]
  return characters.length <= charactersMax ? line : `${characters.slice(0, charactersMax - 1).join('')}…`
}
