import type { Json } from '@infrafabric/protocol'
import { parseReply, type TaskRequest, type Terms } from '@infrafabric/session'

interface Reserved {
  agent: string
  terms: Terms
  slice: bigint
  /** null: nothing was heard of it, so its whole slice counts. */
  cost: bigint | null
}

/**
 * What the journal says was reserved and spent, counted from the messages alone: an attempt that was asked for
 * counts in full until its agent has reported, and then with what it reported. Written apart from the budget.
 */
export class MoneyOracle {
  readonly #attempts = new Map<string, Reserved>()
  #committed = 0n

  /** Reserved and spent together, in micro-dollars. */
  get committed(): number {
    return Number(this.#committed)
  }

  asked(agent: string, request: TaskRequest, terms: Terms): void {
    const key = `${request.task} ${request.attempt}`
    if (this.#attempts.has(key)) return
    const slice = BigInt(request.slice_micros)
    this.#attempts.set(key, { agent, terms, slice, cost: null })
    this.#committed += slice
  }

  reported(agent: string, performative: string, content: Json): void {
    const parsed = parseReply(content)
    if (!parsed.ok) return
    const { kind, task, attempt, charges } = parsed.value
    if (performative !== (kind === 'result' ? 'inform' : 'failure')) return
    const known = this.#attempts.get(`${task} ${attempt}`)
    if (known === undefined || known.agent !== agent || known.cost !== null) return
    const calls = new Map<number, bigint>()
    for (const charge of charges) {
      if (calls.has(charge.call)) continue
      const usable = charge.usage !== null && charge.model === known.terms.model ? charge.usage : null
      calls.set(charge.call, priceOf(usable, known.terms))
    }
    let cost = 0n
    for (const price of calls.values()) cost += price
    // Nobody can spend more by his word than was set aside for him.
    if (cost > known.slice) cost = known.slice
    known.cost = cost
    this.#committed += cost - known.slice
  }
}

function priceOf(usage: Parameters<typeof tokens>[0] | null, terms: Terms): bigint {
  if (terms.price === null) return 0n
  const { input, cacheRead, cacheWrite, output } = terms.price
  if (usage === null) {
    const dearest = BigInt(Math.max(input, cacheRead, cacheWrite))
    return ceiling(BigInt(terms.inputTokensMax) * dearest + BigInt(terms.outputTokensMax) * BigInt(output))
  }
  const { fresh, read, write, out } = tokens(usage)
  return ceiling(
    fresh * BigInt(input) + read * BigInt(cacheRead) + write * BigInt(cacheWrite) + out * BigInt(output),
  )
}

function tokens(usage: {
  inputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
  outputTokens: number
}) {
  const read = BigInt(usage.cacheReadTokens)
  const write = BigInt(usage.cacheWriteTokens)
  return { fresh: BigInt(usage.inputTokens) - read - write, read, write, out: BigInt(usage.outputTokens) }
}

function ceiling(picos: bigint): bigint {
  return (picos + 999_999n) / 1_000_000n
}
