import type { AuditCode, AuditFault } from './audit.ts'

const KEPT_MAX = 100
const DETAIL_LENGTH_MAX = 500

/** Collects faults and warnings: the first ones are kept, all are counted. */
export class Findings {
  readonly faults: AuditFault[] = []
  readonly warnings: AuditFault[] = []
  faultsTotal = 0

  fault(code: AuditCode, where: string, detail: string): void {
    this.faultsTotal++
    keep(this.faults, { code, where: plain(where), detail: plain(detail) })
  }

  warn(code: AuditCode, where: string, detail: string): void {
    keep(this.warnings, { code, where: plain(where), detail: plain(detail) })
  }
}

function keep(list: AuditFault[], fault: AuditFault): void {
  if (list.length < KEPT_MAX) list.push(fault)
}

/** What is audited may be hostile, and findings are shown on terminals: no control characters, no endless lines. */
function plain(text: string): string {
  const cut = text.length > DETAIL_LENGTH_MAX ? `${text.slice(0, DETAIL_LENGTH_MAX)}…` : text
  return cut.toWellFormed().replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd')
}
