import {
  assess,
  type CitationStatus,
  type Claim,
  type Lookup,
  matchQuote,
  normaliseWhitespace,
  type Quote,
  type QuoteMatch,
  Readings,
} from '@infrafabric/evidence'
import type { Session, Task } from '@infrafabric/session'
import type { EvidenceCheck } from './evidence-check.ts'
import type { Findings } from './findings.ts'

/** A claim, with the quotes of all tasks that state it, and what follows from them. */
export interface JudgedClaim {
  text: string
  status: CitationStatus
}

interface Stated {
  claim: Claim
  quotes: Set<string>
}

/** Judges the claims of all accepted results again, from bytes alone. */
export class ClaimsCheck {
  readonly quotes: Record<QuoteMatch, number> = { exact: 0, normalised: 0, absent: 0 }
  readonly claims: Record<CitationStatus, number> = {
    verified: 0,
    provisional: 0,
    unverified: 0,
    disputed: 0,
    missing: 0,
  }
  /** In the order in which they are first stated. */
  readonly judged: JudgedClaim[] = []
  readonly #evidence: EvidenceCheck
  readonly #findings: Findings
  /** By text: claims of the same words, white space aside, are one claim. */
  readonly #stated = new Map<string, Stated>()

  constructor(evidence: EvidenceCheck, findings: Findings) {
    this.#evidence = evidence
    this.#findings = findings
  }

  /** Claims of workers in the order of their tasks, then of the synthesis. A planner's are not told. */
  async check(session: Session): Promise<void> {
    for (const role of ['worker', 'synthesizer'] as const) {
      for (const task of session.tasks) if (task.role === role) await this.#collect(task)
    }
    const lookup: Lookup = (source, passage) => this.#evidence.passage(source, passage)
    const readings = new Readings()
    for (const { claim } of this.#stated.values()) {
      await this.#prepare(claim)
      const { status } = assess(claim, lookup, readings)
      this.claims[status]++
      this.judged.push({ text: claim.text, status })
    }
  }

  async #collect({ id, status }: Task): Promise<void> {
    if (status.is !== 'finished') return
    for (const [at, claim] of status.outcome.claims.entries()) {
      await this.#prepare(claim)
      this.#checkQuotes(claim, `task ${id}, claim ${at + 1}`)
      this.#state(claim)
    }
  }

  #checkQuotes(claim: Claim, where: string): void {
    for (const [at, quote] of quotesOf(claim).entries()) {
      this.quotes[matchQuote(quote, this.#evidence.passage(quote.source, quote.passage))]++
      if (!this.#evidence.isDamaged(quote.source)) continue
      const detail = `its evidence sha256:${quote.source} is damaged, so the quote cannot be checked`
      this.#findings.fault('quote', `${where}, quote ${at + 1}`, detail)
    }
  }

  #state(claim: Claim): void {
    const key = normaliseWhitespace(claim.text)
    let stated = this.#stated.get(key)
    if (stated === undefined) {
      stated = { claim: { text: claim.text, supports: [], contradicts: [] }, quotes: new Set() }
      this.#stated.set(key, stated)
    }
    for (const as of ['supports', 'contradicts'] as const) {
      for (const quote of claim[as]) {
        const name = `${as} ${quote.source} ${quote.passage} ${quote.text}`
        if (stated.quotes.has(name)) continue
        stated.quotes.add(name)
        stated.claim[as].push(quote)
      }
    }
  }

  #prepare(claim: Claim): Promise<void> {
    return this.#evidence.prepare(quotesOf(claim).map((quote) => quote.source))
  }
}

function quotesOf(claim: Claim): Quote[] {
  return [...claim.supports, ...claim.contradicts]
}
