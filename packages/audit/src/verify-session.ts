import type { JournalEntry } from '@infrafabric/ports'
import { isSessionId, type Primitives } from '@infrafabric/protocol'
import type { Audit } from './audit.ts'
import type { Objects } from './claim-check.ts'
import { ClaimsCheck } from './claims-check.ts'
import { EvidenceCheck, type ReadDocument } from './evidence-check.ts'
import { Findings } from './findings.ts'
import { JournalCheck } from './journal-check.ts'
import { checkReport } from './report-check.ts'

export interface VerifySession {
  session: string
  /** From the first entry on. */
  journal: AsyncIterable<JournalEntry>
  objects: Objects
  primitives: Primitives
  /** SHA-256 of the raw key of the operator who must have run the session, in hex; left out: anybody. */
  operatorFingerprint?: string
  /** Repeats a reader's work. Left out: the stored text is only checked against its hash. */
  readDocument?: ReadDocument
  /** Bytes of a report.json whose statuses are to be compared with the computed ones. */
  report?: Uint8Array
  onProgress?(progress: Progress): void
}

export interface Progress {
  /** What is being checked, and how many of them have been. */
  checking: 'entries' | 'evidence' | 'claims'
  done: number
}

const PROGRESS_EVERY = 1_000

/**
 * Checks a whole session and trusts nothing in it: chain, grants, signatures, order, decisions, budget,
 * checkpoints, evidence, quotes. Never rejects for what the session holds: whatever is wrong is a fault.
 */
export async function verifySession(
  input: VerifySession,
  findings: Findings = new Findings(),
): Promise<Audit> {
  const { session, objects, primitives } = input
  if (!isSessionId(session)) findings.fault('wrong-session', 'session', 'not the id of a session')
  const journal = new JournalCheck(session, objects, primitives, findings)
  if (input.operatorFingerprint !== undefined) journal.expectOperator(input.operatorFingerprint)
  await readAll(input, journal, findings)
  journal.finish()

  const evidence = new EvidenceCheck(objects, primitives, findings, input.readDocument)
  for (const [at, source] of journal.sources.entries()) {
    await evidence.check(source)
    input.onProgress?.({ checking: 'evidence', done: at + 1 })
  }
  const claims = new ClaimsCheck(evidence, findings)
  const decided = journal.decided
  if (decided !== null) {
    await claims.check(decided)
    input.onProgress?.({ checking: 'claims', done: Object.values(claims.claims).reduce((a, b) => a + b, 0) })
    if (input.report !== undefined) {
      const { operatorFingerprint: operator, counts } = journal
      const facts = {
        session,
        operator,
        entries: counts.entries,
        claims: claims.judged,
        counts: claims.claims,
      }
      checkReport(input.report, facts, findings)
    }
  } else if (journal.counts.entries > 0) {
    findings.warn('decision', 'claims', 'the accepted results are not known, so no claim was checked')
  }
  const budget = journal.session?.budget
  return {
    ok: findings.faultsTotal === 0,
    faults: findings.faults,
    faultsTotal: findings.faultsTotal,
    warnings: findings.warnings,
    session,
    operatorFingerprint: journal.operatorFingerprint,
    operatorPinned: input.operatorFingerprint !== undefined,
    software: journal.software,
    head: journal.head,
    attested: journal.attested,
    phase: decided?.phase ?? null,
    counts: {
      ...journal.counts,
      evidence: journal.sources.length,
      quotes: claims.quotes,
      claims: claims.claims,
    },
    budget: { limit: budget?.limit ?? null, spent: budget?.spent ?? 0, reserved: budget?.reserved ?? 0 },
    readers: evidence.readers,
  }
}

async function readAll(input: VerifySession, check: JournalCheck, findings: Findings): Promise<void> {
  let read = 0
  try {
    for await (const row of input.journal) {
      await check.entry(row)
      read++
      if (read % PROGRESS_EVERY === 0) input.onProgress?.({ checking: 'entries', done: read })
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    findings.fault('unreadable', `entry ${read}`, `the journal cannot be read further: ${why}`)
  }
  input.onProgress?.({ checking: 'entries', done: read })
  if (read === 0) findings.fault('entry', 'entry 0', 'the journal is empty')
}
