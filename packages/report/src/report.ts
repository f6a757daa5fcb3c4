import type { CitationStatus, IgnoredReason, Passage, Readings } from '@infrafabric/evidence'
import type { Sha256 } from '@infrafabric/protocol'
import type { Session, SourceFault, Stop } from '@infrafabric/session'
import type { Bill } from './bill.ts'

export interface ReportInput {
  session: Session
  lookup: (source: Sha256, passage: number) => Passage | undefined
  /** What was read out of the evidence before: its index's. */
  readings?: Readings
  /** null: the session's keys and journal are not at hand. */
  fingerprints: { operator: string; journalHead: string; entries: number } | null
  /** Name and version of the program, as in `infrafabric 0.1.0`. */
  generatedBy: string
}

/**
 * What a session found. Markdown, HTML and JSON render this and nothing else. All but `bill` and `record` is the same
 * for the same evidence and outcomes, whoever did the work, however often it was tried, and when.
 */
export interface Report {
  v: 1
  /** The mission's objective. */
  title: string
  mission: string
  ending: Ending
  counts: Counts
  /** null: the session has none, or has not got so far. */
  synthesis: Synthesis | null
  /** In the mission's order. */
  questions: Question[]
  /** Each once, however many tasks state it. */
  claims: ReportClaim[]
  evidence: EvidenceItem[]
  unusable: SourceFault[]
  bill: Bill
  record: SessionRecord
}

export interface Ending {
  is: Stop['is'] | 'running'
  /** One sentence for people. */
  headline: string
  /** What was kept, what the rest would need, how to go on: sentences for people. */
  details: string[]
}

export interface Counts extends Record<CitationStatus, number> {
  questions: number
  answered: number
  withoutEvidence: number
  failed: number
  skipped: number
  open: number
  sources: number
}

export interface Synthesis {
  /** Markdown as the agent wrote it. */
  answer: string
  /** Ids of the claims it rests on. */
  claims: string[]
}

export interface Question {
  /** From 1. */
  number: number
  task: string
  question: string
  state: 'answered' | 'without-evidence' | 'failed' | 'skipped' | 'open'
  /** Why there is no answer. */
  reason: string | null
  /** Markdown as the agent wrote it; it may be empty. */
  answer: string
  /** Ids of the claims that this question is the first to state. */
  claims: string[]
  /** Ids of claims that it states too, and that stand under another question. */
  alsoStates: string[]
  /** Of a function agent. */
  data?: unknown
}

export interface ReportClaim {
  /** `2.1`: the first claim of the second question; `S.1`: of the synthesis. */
  id: string
  text: string
  /** Computed from the evidence by `assess`, never taken from an agent. */
  status: CitationStatus
  /** What decided the status; `declared`: disputed by nothing but an agent's word. */
  by: 'values' | 'words' | 'declared' | 'none'
  /** Independent sources that state the whole claim. */
  sources: number
  /** Values of the claim that no counted quote states. */
  unstated: string[]
  /** Tasks that state it. */
  tasks: string[]
  supports: ReportQuote[]
  contradicts: ReportQuote[]
  /** Quotes that an agent gave and that do not count. */
  ignored: IgnoredQuoteLine[]
}

export interface ReportQuote {
  source: Sha256
  name: string
  /** `page 3`, `lines 12–18`, or empty. */
  place: string
  passage: number
  headings: string[]
  text: string
  match: 'exact' | 'normalised'
  /** The passage around the quoted words, cut to some hundred characters on each side. */
  before: string
  after: string
}

export interface IgnoredQuoteLine {
  as: 'support' | 'contradiction'
  source: Sha256
  name: string
  text: string
  reason: IgnoredReason
}

export interface EvidenceItem {
  name: string
  uri: string
  sha256: Sha256
  mediaType: string
  bytes: number
  /** Epoch ms at which a URL was read; null for files. */
  accessedAt: number | null
  /** Claims that quote it. */
  quotedBy: number
}

/** The only part that differs between two runs which found the same, besides the bill. */
export interface SessionRecord {
  session: string
  openedAt: number
  /** Of the last event. */
  at: number
  epochs: number
  generatedBy: string
  fingerprints: ReportInput['fingerprints']
  tasks: TaskRecord[]
}

export interface TaskRecord {
  task: string
  /** As in `finished`. */
  state: string
  /** The agent whose result counts. */
  agent: string | null
  attempts: number
  failures: { attempt: number; agent: string; code: string; detail: string }[]
  at: number | null
}
