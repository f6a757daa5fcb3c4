import type { Sha256 } from '@infrafabric/protocol'
import { type Session, SYNTHESIS_TASK, type Task } from '@infrafabric/session'
import { buildBill } from './bill.ts'
import { type ClaimCollector, collectClaims } from './collect-claims.ts'
import { endingOf } from './ending.ts'
import { reasonOf } from './reasons.ts'
import type {
  Counts,
  EvidenceItem,
  Question,
  Report,
  ReportClaim,
  ReportInput,
  SessionRecord,
  Synthesis,
  TaskRecord,
} from './report.ts'

/** Folds a session, finished or not, into its report. Statuses are computed here, from the evidence alone. */
export function buildReport({ session, lookup, readings, fingerprints, generatedBy }: ReportInput): Report {
  const names = new Map<Sha256, string>()
  for (const source of session.sources) if (!names.has(source.sha256)) names.set(source.sha256, source.name)
  const collector = collectClaims(lookup, (source) => names.get(source), readings)
  const work = session.tasks.filter((task) => task.role === 'worker')
  const drafts = work.map((task, at) => questionOf(task, at + 1, session, collector))
  const synthesis = synthesisOf(session, collector)
  const claims = collector.finish()
  const byId = new Map(claims.map((claim) => [claim.id, claim]))
  const questions = drafts.map((question) => settled(question, byId, session.sources.length > 0))
  return {
    v: 1,
    title: session.mission.objective,
    mission: session.mission.name,
    ending: endingOf(session),
    counts: countsOf(questions, claims, session),
    synthesis,
    questions,
    claims,
    evidence: evidenceOf(session, claims),
    unusable: [...session.sourceFaults],
    bill: buildBill(session),
    record: recordOf(session, fingerprints, generatedBy),
  }
}

function questionOf(task: Task, number: number, session: Session, collector: ClaimCollector): Question {
  const { status } = task
  const question: Question = {
    number,
    task: task.id,
    question: task.question,
    state: 'open',
    reason: null,
    answer: '',
    claims: [],
    alsoStates: [],
  }
  if (status.is === 'finished') {
    const { first, again } = collector.add(task.id, String(number), status.outcome.claims)
    question.state = 'answered'
    question.answer = status.outcome.answer
    question.claims = first
    question.alsoStates = again
    if (status.outcome.data !== undefined) question.data = status.outcome.data
  } else if (status.is === 'failed') {
    question.state = 'failed'
    question.reason = reasonOf(status.failure)
  } else if (status.is === 'skipped') {
    question.state = 'skipped'
    question.reason = `it needs “${session.tasksById.get(status.because)?.question ?? status.because}”, which failed`
  } else {
    question.reason =
      status.is === 'assigned' ? 'it is being worked on' : 'it was not begun, or has to be tried again'
  }
  return question
}

/** A question is without evidence when nothing that was quoted for it counts. Without any evidence nothing is missed. */
function settled(question: Question, byId: Map<string, ReportClaim>, hasEvidence: boolean): Question {
  if (question.state !== 'answered' || !hasEvidence || question.data !== undefined) return question
  const bears = [...question.claims, ...question.alsoStates].some((id) => {
    const claim = byId.get(id)
    return claim !== undefined && claim.supports.length + claim.contradicts.length > 0
  })
  return bears ? question : { ...question, state: 'without-evidence' }
}

function synthesisOf(session: Session, collector: ClaimCollector): Synthesis | null {
  const status = session.tasksById.get(SYNTHESIS_TASK)?.status
  if (status?.is !== 'finished') return null
  const { first, again } = collector.add(SYNTHESIS_TASK, 'S', status.outcome.claims)
  return { answer: status.outcome.answer, claims: [...first, ...again] }
}

function countsOf(questions: Question[], claims: ReportClaim[], session: Session): Counts {
  const of = (state: Question['state']) => questions.filter((one) => one.state === state).length
  const counts: Counts = {
    questions: questions.length,
    answered: of('answered'),
    withoutEvidence: of('without-evidence'),
    failed: of('failed'),
    skipped: of('skipped'),
    open: of('open'),
    sources: session.sources.length,
    verified: 0,
    provisional: 0,
    disputed: 0,
    unverified: 0,
    missing: 0,
  }
  for (const claim of claims) counts[claim.status]++
  return counts
}

function evidenceOf(session: Session, claims: ReportClaim[]): EvidenceItem[] {
  const quoted = new Map<Sha256, number>()
  for (const claim of claims) {
    const sources = new Set([...claim.supports, ...claim.contradicts].map((quote) => quote.source))
    for (const source of sources) quoted.set(source, (quoted.get(source) ?? 0) + 1)
  }
  return session.sources.map(({ name, uri, sha256, mediaType, bytes, accessedAt }) => ({
    name,
    uri,
    sha256,
    mediaType,
    bytes,
    accessedAt,
    quotedBy: quoted.get(sha256) ?? 0,
  }))
}

function recordOf(
  session: Session,
  fingerprints: ReportInput['fingerprints'],
  generatedBy: string,
): SessionRecord {
  return {
    session: session.name,
    openedAt: session.openedAt,
    at: session.at,
    epochs: session.epoch,
    generatedBy,
    fingerprints,
    tasks: session.tasks.map(taskRecord),
  }
}

function taskRecord(task: Task): TaskRecord {
  const { status } = task
  return {
    task: task.id,
    state: status.is,
    agent: status.is === 'finished' ? status.attempt.agent.name : null,
    attempts: task.attempts.length,
    failures: task.attempts.flatMap(({ number, agent, failure }) =>
      failure === undefined
        ? []
        : [{ attempt: number, agent: agent.name, code: failure.code, detail: failure.detail }],
    ),
    at: status.is === 'finished' || status.is === 'failed' ? status.at : null,
  }
}
