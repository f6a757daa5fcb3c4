import type { MessageDraft } from '@infrafabric/protocol'
import type { Charge, TaskRequest } from '../contents.ts'

/** What every token costs in the tests, see `PRICE`: whole micro-dollars, so that sums need no rounding. */
const INPUT = 2
const OUTPUT = 10

interface Account {
  slice: number
  is: 'reserved' | 'unknown' | 'known'
  cost: number
}

/**
 * Works out the money from what was asked and what was answered, without the budget's code. `ceiling` is what a
 * call costs whose usage nobody knows, 0 for a model that is free.
 */
export class MoneyOracle {
  readonly #accounts = new Map<string, Account>()
  readonly #ceiling: number

  constructor(ceiling: number) {
    this.#ceiling = ceiling
  }

  requested(draft: MessageDraft): void {
    const { task, attempt, slice_micros: slice } = draft.content as unknown as TaskRequest
    const key = `${task} ${attempt}`
    // Asked for again by a later epoch: the same money.
    if (!this.#accounts.has(key)) this.#accounts.set(key, { slice, is: 'reserved', cost: 0 })
  }

  vanished(task: string, attempt: number): void {
    const account = this.#of(task, attempt)
    if (account.is === 'reserved') account.is = 'unknown'
  }

  answered(task: string, attempt: number, charges: readonly Charge[]): void {
    const account = this.#of(task, attempt)
    if (account.is === 'known') return
    account.is = 'known'
    const byCall = new Map<number, number>()
    for (const { call, model, usage } of charges) {
      if (byCall.has(call)) continue
      const known = usage !== null && model === 'test/priced'
      byCall.set(call, known ? INPUT * usage.inputTokens + OUTPUT * usage.outputTokens : this.#ceiling)
    }
    if (this.#ceiling > 0) for (const cost of byCall.values()) account.cost += cost
  }

  get reserved(): number {
    return this.#sum((account) => (account.is === 'reserved' ? account.slice : 0))
  }

  get spent(): number {
    return this.#sum((account) => {
      if (account.is === 'reserved') return 0
      return account.is === 'unknown' ? account.slice : account.cost
    })
  }

  get unreconciled(): number {
    return this.#sum((account) => (account.is === 'unknown' ? account.slice : 0))
  }

  #of(task: string, attempt: number): Account {
    const account = this.#accounts.get(`${task} ${attempt}`)
    if (account === undefined) throw new Error(`attempt ${attempt} of "${task}" was never asked for`)
    return account
  }

  #sum(amount: (account: Account) => number): number {
    let sum = 0
    for (const account of this.#accounts.values()) sum += amount(account)
    return sum
  }
}
