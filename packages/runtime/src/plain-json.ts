import type { Json } from '@infrafabric/protocol'

/**
 * A value as JSON carries it, with lone surrogates replaced: what a function agent hands over may be anything.
 * Throws TypeError for what JSON cannot say (circles, BigInt).
 */
export function plainJson(value: unknown): Json {
  const text = JSON.stringify(value)
  if (text === undefined) return null
  const plain = JSON.parse(text) as Json
  // JSON.stringify writes lone surrogates, and only those, as \udxxx.
  return text.includes('\\ud') ? wellFormed(plain) : plain
}

function wellFormed(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.toWellFormed(), wellFormed(member)]),
  )
}
