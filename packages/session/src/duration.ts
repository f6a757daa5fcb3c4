const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const

/** Whole numbers with units, the largest first: `90s`, `10m`, `1h30m`, `500ms`. */
export const DURATION_PATTERN = String.raw`^(?=\d)(\d{1,9}d)?(\d{1,9}h)?(\d{1,9}m)?(\d{1,9}s)?(\d{1,9}ms)?$`

const DURATION = new RegExp(DURATION_PATTERN)

/** Milliseconds, or null when the text is not a duration. Limits are the caller's. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text)
  if (match === null) return null
  return UNITS.reduce((total, [, factor], index) => {
    const part = match[index + 1]
    return part === undefined ? total : total + Number.parseInt(part, 10) * factor
  }, 0)
}

/** The shortest text that `parseDuration` reads back as the same number; of whole milliseconds, not negative. */
export function formatDuration(milliseconds: number): string {
  let rest = milliseconds
  let text = ''
  for (const [unit, factor] of UNITS) {
    const amount = Math.floor(rest / factor)
    rest -= amount * factor
    if (amount > 0) text += `${amount}${unit}`
  }
  return text === '' ? '0s' : text
}
