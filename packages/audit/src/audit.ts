import type { CitationStatus, QuoteMatch } from '@infrafabric/evidence'
import type { Sha256 } from '@infrafabric/protocol'
import type { Phase } from '@infrafabric/session'

export type AuditCode =
  /** The journal could not be read to its end. */
  | 'unreadable'
  /** An entry's position, or its hash, does not continue the chain. */
  | 'chain'
  /** An entry is not the canonical text of something a journal holds. */
  | 'entry'
  /** Made by newer software: what it means is unknown here. */
  | 'newer-format'
  | 'wrong-session'
  /** The session was run by another operator than the one asked for. */
  | 'operator'
  | 'grant'
  | 'epoch'
  /** A signature, a grant, a name or a rule of messages is broken. */
  | 'message'
  /** Admitted twice, out of its time, or two messages with one place in a sequence. */
  | 'replay'
  /** A content in the object store is missing, or is not what was signed. */
  | 'claim-check'
  /** What was sent is not what the events before it bring. */
  | 'decision'
  | 'accepted-twice'
  | 'budget'
  | 'checkpoint'
  /** Original bytes or text of a source are missing, changed, or do not belong together. */
  | 'evidence'
  /** Reading the original bytes again gives another text. */
  | 'reader'
  /** A quote cannot be checked. */
  | 'quote'
  /** report.json says something of a claim that does not follow from the session. */
  | 'report'
  /** The exported file itself is not as it was made. */
  | 'archive'
  // Warnings only:
  | 'clock'
  | 'not-attested'
  | 'not-signed'
  | 'not-stopped'

export interface AuditFault {
  code: AuditCode
  /** As in `entry 17`, `evidence sha256:…`, `task engines, claim 2, quote 1`. Numbers of entries count from 0, others from 1. */
  where: string
  detail: string
}

export interface Audit {
  /** No fault was found. Warnings leave it true. */
  ok: boolean
  /** The first 100. */
  faults: AuditFault[]
  faultsTotal: number
  /** The first 100. */
  warnings: AuditFault[]
  session: string
  /** SHA-256 of the operator's raw key, in hex; null when the journal names no usable key. */
  operatorFingerprint: Sha256 | null
  /** Whether the caller named the operator. If not, anybody's key would have done. */
  operatorPinned: boolean
  software: string | null
  /** Hash of the last entry. */
  head: Sha256
  /** How many entries the last good checkpoint attests to. */
  attested: number
  /** null: the decisions could not be followed to the end. */
  phase: Phase | null
  counts: {
    entries: number
    received: number
    sent: number
    refused: number
    grants: number
    epochs: number
    checkpoints: number
    evidence: number
    quotes: Record<QuoteMatch, number>
    claims: Record<CitationStatus, number>
  }
  /** Micro-dollars. */
  budget: { limit: number | null; spent: number; reserved: number }
  /** Sources whose text was extracted again and compared; those that this program's readers could not repeat. */
  readers: { repeated: number; skipped: number }
}
