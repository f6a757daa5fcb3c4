import { assess, type CitationStatus, type Claim, matchQuote, type QuoteMatch } from '@infrafabric/evidence'
import { isJsonObject, type Json } from '@infrafabric/protocol'
import type { Session } from '@infrafabric/session'
import { textOf } from './claim-check.ts'
import type { EvidenceCheck } from './evidence-check.ts'
import type { Findings } from './findings.ts'

const STATUSES: readonly CitationStatus[] = ['verified', 'provisional', 'unverified', 'disputed', 'missing']

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
  readonly #evidence: EvidenceCheck
  readonly #findings: Findings
  /** Statuses by the claim's text; two claims may have the same words and other quotes. */
  readonly #statuses = new Map<string, Set<CitationStatus>>()

  constructor(evidence: EvidenceCheck, findings: Findings) {
    this.#evidence = evidence
    this.#findings = findings
  }

  async check(session: Session): Promise<void> {
    for (const { id, status } of session.tasks) {
      if (status.is !== 'finished') continue
      const { claims } = status.outcome
      const quotes = claims.flatMap((claim) => [...claim.supports, ...claim.contradicts])
      await this.#evidence.prepare(quotes.map((quote) => quote.source))
      claims.forEach((claim, at) => {
        this.#claim(claim, `task ${id}, claim ${at + 1}`)
      })
    }
  }

  /** Every claim that report.json shows must have a status that was computed here. */
  checkReport(bytes: Uint8Array): void {
    const text = textOf(bytes)
    let report: Json
    try {
      report = JSON.parse(text ?? '') as Json
    } catch {
      this.#findings.fault('report', 'report.json', 'not JSON')
      return
    }
    // Without recursion: nobody vouches for how deep it is.
    const open: { value: Json; path: string }[] = [{ value: report, path: '' }]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { value, path } = next
      if (typeof value !== 'object' || value === null) continue
      if (isJsonObject(value)) this.#checkReported(value.text, value.status, path)
      for (const [name, member] of Object.entries(value)) {
        if (typeof member === 'object' && member !== null)
          open.push({ value: member, path: `${path}/${name}` })
      }
    }
  }

  #checkReported(text: Json | undefined, status: Json | undefined, path: string): void {
    if (typeof text !== 'string' || !STATUSES.some((known) => known === status)) return
    const computed = this.#statuses.get(text)
    if (computed?.has(status as CitationStatus)) return
    const shown = `"${text.slice(0, 100)}"`
    const detail =
      computed === undefined
        ? `no accepted result has the claim ${shown}`
        : `the claim ${shown} is called ${String(status)}; it is ${[...computed].join(' or ')}`
    this.#findings.fault('report', `report.json, ${path === '' ? '/' : path}`, detail)
  }

  #claim(claim: Claim, where: string): void {
    const lookup: Parameters<typeof assess>[1] = (source, passage) => this.#evidence.passage(source, passage)
    for (const [at, quote] of [...claim.supports, ...claim.contradicts].entries()) {
      this.quotes[matchQuote(quote, lookup(quote.source, quote.passage))]++
      if (!this.#evidence.isDamaged(quote.source)) continue
      const detail = `its evidence sha256:${quote.source} is damaged, so the quote cannot be checked`
      this.#findings.fault('quote', `${where}, quote ${at + 1}`, detail)
    }
    const { status } = assess(claim, lookup)
    this.claims[status]++
    const statuses = this.#statuses.get(claim.text) ?? new Set()
    this.#statuses.set(claim.text, statuses.add(status))
  }
}
