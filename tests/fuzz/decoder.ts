import type { Random } from './random.ts'

/** What is handed to a decoder: text, which may hold what UTF-8 cannot, or bytes. */
export interface Input {
  data: string | Uint8Array
  /** Signed or chained again after it was changed, by whoever holds the key. */
  resigned: boolean
}

export type Judgement = 'accepted' | 'refused'

/** A decoder did what none may do. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

export interface Target {
  generate(random: Random): Input
  /** Rejects or throws when a property does not hold, or with whatever the decoder should not have thrown. */
  judge(input: Input): Judgement | Promise<Judgement>
  /** What a replay must start from, where the corpus is not the same in every run. */
  corpus?: string
}

export interface Decoder {
  name: string
  /** Of all inputs; the shares need not add up to 1. */
  share: number
  /** An input that takes longer has hung. Far above what any takes, for the machine may be busy. */
  hangMs: number
  open(corpus?: string): Target | Promise<Target>
}

export function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(what)
}
