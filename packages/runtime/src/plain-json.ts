import type { Json } from '@infrafabric/protocol'

/** Levels of lists and objects in an agent's value: leaves room for the message around it. */
const DEPTH_MAX = 24

/**
 * A value as a message can carry it, with lone surrogates and the noncharacters U+FFFE and U+FFFF replaced: what a
 * function agent hands over may be anything. Throws TypeError for what JSON cannot say (circles, BigInt) and
 * RangeError for what is nested too deep.
 */
export function plainJson(value: unknown): Json {
  const text = JSON.stringify(value)
  return text === undefined ? null : cleaned(JSON.parse(text) as Json, DEPTH_MAX)
}

function cleaned(value: Json, depthLeft: number): Json {
  if (typeof value === 'string') return cleanText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depthLeft === 0) throw new RangeError(`the value is nested more than ${DEPTH_MAX} levels deep`)
  if (Array.isArray(value)) return value.map((item) => cleaned(item, depthLeft - 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [cleanText(name), cleaned(member, depthLeft - 1)]),
  )
}

/** Text that a message can carry. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(/[\uFFFE\uFFFF]/g, '\uFFFD')
}
