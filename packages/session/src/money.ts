import { quoted } from './fault.ts'
import type { ModelPrice, Usage } from './work.ts'

/** Money is integer micro-dollars; prices are integer micro-dollars per million tokens. */
const TOKENS_PER_PRICE = 1_000_000n

/** An amount or a token count that cannot be what it claims to be. */
export class MoneyError extends Error {
  override readonly name = 'MoneyError'
}

/** What makes this usage impossible, for people; null when nothing does. */
export function usageFault(usage: Usage): string | null {
  for (const [name, count] of Object.entries(usage)) {
    if (!Number.isSafeInteger(count) || count < 0) return `${name} is ${count}, not a count of tokens`
  }
  if (usage.cacheReadTokens + usage.cacheWriteTokens > usage.inputTokens) {
    return `${usage.cacheReadTokens} cache reads and ${usage.cacheWriteTokens} cache writes are more than all ${usage.inputTokens} input tokens`
  }
  if (usage.reasoningTokens > usage.outputTokens) {
    return `${usage.reasoningTokens} reasoning tokens are more than all ${usage.outputTokens} output tokens`
  }
  return null
}

/**
 * What one call costs, rounded up to a whole micro-dollar. Every token is priced once: cached input at its own
 * price, reasoning as the output it is part of. Throws MoneyError for an impossible usage or price.
 */
export function costMicros(usage: Usage, price: ModelPrice): number {
  const fault = usageFault(usage)
  if (fault !== null) throw new MoneyError(`impossible usage of ${price.model}: ${fault}`)
  const plainInput = usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens
  return sumMicros(price.model, [
    [plainInput, price.input],
    [usage.cacheReadTokens, price.cacheRead],
    [usage.cacheWriteTokens, price.cacheWrite],
    [usage.outputTokens, price.output],
  ])
}

/** The most a call can cost: all of its input at the dearest input price, and all the output it is allowed. */
export function worstCaseMicros(inputTokensMax: number, outputTokensMax: number, price: ModelPrice): number {
  return sumMicros(price.model, [
    [inputTokensMax, Math.max(price.input, price.cacheRead, price.cacheWrite)],
    [outputTokensMax, price.output],
  ])
}

function sumMicros(model: string, parts: readonly (readonly [tokens: number, price: number])[]): number {
  let sum = 0n
  for (const [tokens, price] of parts) {
    if (!Number.isSafeInteger(tokens) || tokens < 0)
      throw new MoneyError(`${tokens} is not a count of tokens`)
    if (!Number.isSafeInteger(price) || price < 0) throw new MoneyError(`${price} is not a price of ${model}`)
    sum += BigInt(tokens) * BigInt(price)
  }
  const micros = Number((sum + TOKENS_PER_PRICE - 1n) / TOKENS_PER_PRICE)
  if (!Number.isSafeInteger(micros)) throw new MoneyError(`a call of ${model} costs more than can be counted`)
  return micros
}

/** `$0.05`, `$0.001234`, `-$1.00`: exact, with two decimals at least and six at most. */
export function formatUsd(micros: number): string {
  if (!Number.isSafeInteger(micros)) throw new MoneyError(`${micros} is not an amount in micro-dollars`)
  const magnitude = Math.abs(micros)
  const dollars = Math.floor(magnitude / 1_000_000)
  const decimals = String(magnitude % 1_000_000)
    .padStart(6, '0')
    .replace(/0{1,4}$/, '')
  return `${micros < 0 ? '-' : ''}$${dollars}.${decimals}`
}

const AMOUNT = /^\$?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/

/**
 * Micro-dollars of `0.05`, `$1.50` or the number 1.5 (read as the decimal that it prints as), without rounding.
 * Throws MoneyError for anything else: a negative amount, a fraction of a micro-dollar, or no amount at all.
 */
export function parseUsd(amount: string | number): number {
  const text = String(amount).trim()
  const match = AMOUNT.exec(text)
  if (match === null)
    throw new MoneyError(`${quoted(text)} is not an amount in US dollars; write it as in 1.50`)
  const [, whole = '', fraction = '', exponent = '0'] = match
  const shift = Number(exponent) - fraction.length + 6
  const digits = BigInt(whole + fraction)
  const scale = 10n ** BigInt(Math.abs(shift))
  if (shift < 0 && digits % scale !== 0n) {
    throw new MoneyError(`${quoted(text)} has a fraction of a micro-dollar; six decimals are the most`)
  }
  const micros = Number(shift < 0 ? digits / scale : digits * scale)
  if (!Number.isSafeInteger(micros))
    throw new MoneyError(`${quoted(text)} is more dollars than can be counted`)
  return micros
}
