import { type ModelPrice, MoneyError, parseUsd } from '@infrafabric/session'

export type PriceParsed = { ok: true; price: ModelPrice } | { ok: false; faults: string[] }

const MEMBERS = ['input', 'output', 'cache_read', 'cache_write'] as const
type Member = (typeof MEMBERS)[number]

/**
 * A price set by the user, in US dollars per million tokens, as under `prices:` of a mission:
 * `{input: 1.00, output: 5.00, cache_read: 0.10, cache_write: 1.25}`. Cached input costs as much as other input
 * where it is left out.
 */
export function parsePrice(model: string, value: unknown): PriceParsed {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      ok: false,
      faults: [`the price of "${model}" must have "input" and "output", in US dollars per million tokens`],
    }
  }
  const faults: string[] = []
  const micros = new Map<Member, number>()
  for (const [key, amount] of Object.entries(value)) {
    const member = MEMBERS.find((known) => known === key)
    if (member === undefined) {
      faults.push(`the price of "${model}" has "${key}", which is none of ${MEMBERS.join(', ')}`)
    } else if (typeof amount !== 'string' && typeof amount !== 'number') {
      faults.push(`the price of "${model}", ${key}: ${JSON.stringify(amount)} is not an amount in US dollars`)
    } else {
      try {
        micros.set(member, parseUsd(amount))
      } catch (error) {
        if (!(error instanceof MoneyError)) throw error
        faults.push(`the price of "${model}", ${key}: ${error.message}`)
      }
    }
  }
  for (const needed of ['input', 'output'] as const) {
    if (!Object.hasOwn(value, needed)) faults.push(`the price of "${model}" lacks "${needed}"`)
  }
  const input = micros.get('input')
  const output = micros.get('output')
  if (faults.length > 0 || input === undefined || output === undefined) return { ok: false, faults }
  return {
    ok: true,
    price: {
      model,
      input,
      cacheRead: micros.get('cache_read') ?? input,
      cacheWrite: micros.get('cache_write') ?? input,
      output,
      source: 'set by the user',
    },
  }
}

/** `--price anthropic/claude-haiku-4-5=input:1.00,output:5.00` */
export function parsePriceOption(text: string): PriceParsed {
  const at = text.indexOf('=')
  const model = text.slice(0, at)
  if (at < 1 || !model.includes('/')) {
    return { ok: false, faults: [`--price "${text}": write it as in provider/model=input:1.00,output:5.00`] }
  }
  const members = new Map<string, string>()
  for (const part of text.slice(at + 1).split(',')) {
    const [key = '', amount = '', ...more] = part.split(':').map((piece) => piece.trim())
    if (key === '' || amount === '' || more.length > 0 || members.has(key)) {
      return { ok: false, faults: [`--price "${text}": "${part}" should be as in input:1.00`] }
    }
    members.set(key, amount)
  }
  return parsePrice(model, Object.fromEntries(members))
}
