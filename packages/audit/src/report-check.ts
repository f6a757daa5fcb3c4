import { isJsonObject, type Json } from '@infrafabric/protocol'
import { textOf } from './claim-check.ts'
import type { JudgedClaim } from './claims-check.ts'
import type { Findings } from './findings.ts'

/** Version of report.json whose members are known here. */
const REPORT_FORMAT = 1

export interface ReportFacts {
  session: string
  operator: string | null
  entries: number
  claims: readonly JudgedClaim[]
  counts: Readonly<Record<JudgedClaim['status'], number>>
}

/** Compares a report.json with what follows from the session: who, how far, and every claim with its status. */
export function checkReport(bytes: Uint8Array, facts: ReportFacts, findings: Findings): void {
  const fault = (where: string, detail: string): void =>
    findings.fault('report', where === '' ? 'report.json' : `report.json, ${where}`, detail)
  const report = readJson(bytes)
  if (report === undefined || !isJsonObject(report)) {
    fault('', 'not a JSON object')
    return
  }
  if (report.v !== REPORT_FORMAT) {
    const detail = `its format is not ${REPORT_FORMAT}, which is all that this program knows: it was not compared`
    findings.warn('report', 'report.json', detail)
    return
  }
  const record = objectOf(report.record)
  if (record.session !== facts.session)
    fault('record.session', `it is of another session than "${facts.session}"`)
  if (record.fingerprints !== null) {
    const { operator, entries } = objectOf(record.fingerprints)
    if (operator !== facts.operator) fault('record.fingerprints.operator', 'it names another operator')
    if (entries !== facts.entries) {
      fault(
        'record.fingerprints.entries',
        `it was made from ${Number(entries)} entries; the journal has ${facts.entries}`,
      )
    }
  }
  for (const [status, count] of Object.entries(facts.counts)) {
    const told = objectOf(report.counts)[status]
    if (told !== count) fault(`counts.${status}`, `it counts ${Number(told)}; there are ${count}`)
  }
  checkClaims(Array.isArray(report.claims) ? report.claims : [], facts.claims, fault)
}

function checkClaims(
  told: readonly Json[],
  claims: readonly JudgedClaim[],
  fault: (where: string, detail: string) => void,
): void {
  for (const [at, claim] of claims.entries()) {
    const { text, status } = objectOf(told[at])
    const where = `claims, ${at + 1}`
    if (told[at] === undefined) fault(where, `the claim "${shown(claim.text)}" is left out`)
    else if (text !== claim.text)
      fault(where, `it is not the claim "${shown(claim.text)}" of the accepted results`)
    else if (status !== claim.status) fault(where, `it is called ${shown(status)}; it is ${claim.status}`)
  }
  if (told.length > claims.length) {
    fault(`claims, ${claims.length + 1}`, 'no accepted result has this claim')
  }
}

function readJson(bytes: Uint8Array): Json | undefined {
  try {
    return JSON.parse(textOf(bytes) ?? '') as Json
  } catch {
    return undefined
  }
}

function objectOf(value: Json | undefined): Partial<Record<string, Json>> {
  return value !== undefined && isJsonObject(value) ? value : {}
}

function shown(value: Json | undefined): string {
  return String(value).slice(0, 100)
}
