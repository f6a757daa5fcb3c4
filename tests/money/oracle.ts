import type { Charge, LedgerLine, Terms } from '@infrafabric/session'

interface Account {
  agent: string
  slice: number
  is: 'reserved' | 'unknown' | 'known'
  cost: number
}

const PER_PRICE = 1_000_000n

/**
 * What a session's money must be, worked out from what was asked for and what was answered: with its own arithmetic
 * of tokens and prices, its own idea of a call's ceiling, and no code of the budget's.
 */
export class MoneyOracle {
  readonly #terms: Terms
  readonly #accounts = new Map<string, Account>()
  readonly #byAgent = new Map<string, { micros: number; calls: number; input: number; output: number }>()
  reserved = 0
  spent = 0
  unreconciled = 0

  /** @param terms as they were when the session opened: what prices do later is not its concern */
  constructor(terms: Terms) {
    this.#terms = structuredClone(terms)
  }

  /** An attempt was asked for, perhaps once more by a later epoch. */
  asked(task: string, attempt: number, agent: string): void {
    const key = `${task} ${attempt}`
    if (this.#accounts.has(key)) return
    const slice = Number(this.#ceiling()) * this.#terms.callsMax
    this.#accounts.set(key, { agent, slice, is: 'reserved', cost: 0 })
    this.reserved += slice
  }

  vanished(task: string, attempt: number): void {
    const account = this.#accounts.get(`${task} ${attempt}`)
    if (account?.is !== 'reserved') return
    account.is = 'unknown'
    this.reserved -= account.slice
    this.spent += account.slice
    this.unreconciled += account.slice
  }

  /** The first answer counts, whenever it comes. */
  answered(task: string, attempt: number, charges: readonly Charge[]): void {
    const account = this.#accounts.get(`${task} ${attempt}`)
    if (account === undefined || account.is === 'known') return
    if (account.is === 'reserved') this.reserved -= account.slice
    else {
      this.spent -= account.slice
      this.unreconciled -= account.slice
    }
    const named = new Set<number>()
    const once = charges.filter(({ call }) => !named.has(call) && named.add(call))
    const cost = once.reduce((sum, charge) => sum + this.#priceOf(charge), 0n)
    account.is = 'known'
    account.cost = Math.min(Number(cost), account.slice)
    this.spent += account.cost
    const line = this.#byAgent.get(account.agent) ?? { micros: 0, calls: 0, input: 0, output: 0 }
    this.#byAgent.set(account.agent, line)
    line.micros += account.cost
    line.calls += once.length
    for (const { usage } of once) {
      line.input += usage?.inputTokens ?? 0
      line.output += usage?.outputTokens ?? 0
    }
  }

  /** What the ledger says otherwise; null when it says the same of every agent. */
  ledgerFault(ledger: Iterable<LedgerLine>): string | null {
    let lines = 0
    for (const { agent, micros, calls, usage } of ledger) {
      lines++
      const told = `${micros} ${calls} ${usage.inputTokens} ${usage.outputTokens}`
      const own = this.#byAgent.get(agent)
      const due = own === undefined ? 'nothing' : `${own.micros} ${own.calls} ${own.input} ${own.output}`
      if (told !== due) return `the ledger says ${told} of ${agent}, it is ${due}`
    }
    return lines === this.#byAgent.size ? null : `the ledger has ${lines} lines, not ${this.#byAgent.size}`
  }

  #priceOf({ usage, model }: Charge): bigint {
    const { price } = this.#terms
    if (price === null) return 0n
    // Cached input at its own price, the rest in full; reasoning is output and priced once, with it.
    if (usage === null || model !== this.#terms.model) return this.#ceiling()
    const fresh = usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens
    return roundedUp(
      BigInt(fresh) * BigInt(price.input) +
        BigInt(usage.cacheReadTokens) * BigInt(price.cacheRead) +
        BigInt(usage.cacheWriteTokens) * BigInt(price.cacheWrite) +
        BigInt(usage.outputTokens) * BigInt(price.output),
    )
  }

  /** All the input at the dearest price of input, and all the output. */
  #ceiling(): bigint {
    const { price, inputTokensMax, outputTokensMax } = this.#terms
    if (price === null) return 0n
    const dearest = [price.input, price.cacheRead, price.cacheWrite].reduce((a, b) => (a > b ? a : b))
    return roundedUp(
      BigInt(inputTokensMax) * BigInt(dearest) + BigInt(outputTokensMax) * BigInt(price.output),
    )
  }
}

function roundedUp(millionths: bigint): bigint {
  return millionths / PER_PRICE + (millionths % PER_PRICE > 0n ? 1n : 0n)
}
