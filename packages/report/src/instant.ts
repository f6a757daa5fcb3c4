const DAY_MS = 86_400_000

/** `2026-11-22 18:37 UTC`, of epoch milliseconds. */
export function formatInstant(at: number): string {
  const minutes = Math.floor((at - Math.floor(at / DAY_MS) * DAY_MS) / 60_000)
  return `${formatDay(at)} ${pad(Math.floor(minutes / 60), 2)}:${pad(minutes % 60, 2)} UTC`
}

/** `2026-11-22`. */
export function formatDay(at: number): string {
  const { year, month, day } = civilFromDays(Math.floor(at / DAY_MS))
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
}

/** `2026-11-22T18:37:05.123Z`. */
export function isoInstant(at: number): string {
  const ms = at - Math.floor(at / DAY_MS) * DAY_MS
  const [hours, minutes, seconds] = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1_000) % 60].map(Math.floor)
  return `${formatDay(at)}T${pad(hours ?? 0, 2)}:${pad(minutes ?? 0, 2)}:${pad(seconds ?? 0, 2)}.${pad(ms % 1_000, 3)}Z`
}

/** Howard Hinnant's algorithm (howardhinnant.github.io/date_algorithms.html): years begin in March, eras have 400 years. */
function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  }
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
