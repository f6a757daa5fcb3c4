import { expect, test } from 'vitest'
import { formatDay, formatInstant, isoInstant } from './instant.ts'

test('agrees with the calendar of the machine, leap days and the years before 1970 included', () => {
  const instants = [
    0, -1, 951_782_399_999, 951_782_400_000, 1_709_164_800_000, 4_102_444_799_999, -2_203_891_200_000,
  ]
  for (let at = -3_000_000_000_000; at < 5_000_000_000_000; at += 86_400_000 * 137 + 7_654_321)
    instants.push(at)
  for (const at of instants) {
    const iso = new Date(at).toISOString()
    expect(isoInstant(at)).toBe(iso)
    expect(formatDay(at)).toBe(iso.slice(0, 10))
    expect(formatInstant(at)).toBe(`${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`)
  }
})
