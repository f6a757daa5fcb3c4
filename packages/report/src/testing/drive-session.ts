import type { Block, Claim, Document, Passage } from '@infrafabric/evidence'
import { passagesOf } from '@infrafabric/evidence'
import type { Json, Sha256 } from '@infrafabric/protocol'
import {
  type Charge,
  defaultMission,
  type FailureCode,
  type Mission,
  type Opened,
  type Outcome,
  openSession,
  type PlannedTask,
  type Session,
  type SourceFault,
  step,
  type Terms,
} from '@infrafabric/session'

export const OPENED_AT = 1_795_372_620_000 // 2026-11-22 18:37 UTC

export const FREE: Terms = {
  model: 'extractive',
  price: null,
  callsMax: 0,
  inputTokensMax: 0,
  outputTokensMax: 0,
}

/** A call of 1,000 tokens in and 1,000 out costs 6,000 micro-dollars; a slice is two calls of 6,250 at the most. */
export const PAID: Terms = {
  model: 'anthropic/claude-haiku-4-5',
  price: {
    model: 'anthropic/claude-haiku-4-5',
    input: 1_000_000,
    cacheRead: 100_000,
    cacheWrite: 1_250_000,
    output: 5_000_000,
    source: 'price list of 2026-10-30',
  },
  callsMax: 2,
  inputTokensMax: 1_000,
  outputTokensMax: 1_000,
}

export interface DriveOptions {
  name?: string
  objective?: string
  tasks?: PlannedTask[]
  terms?: Terms
  synthesize?: boolean
  mission?: Partial<Mission>
  /** Those that a URL names are said to have been read when the session opened. */
  documents?: Document[]
  faults?: SourceFault[]
  workers?: number
}

/** Drives a real session by real events, as a coordinator would whose agents say what the test wants. */
export interface SessionDriver {
  session: Session
  lookup(source: Sha256, passage: number): Passage | undefined
  /** Another coordinator takes over. */
  epoch(): SessionDriver
  pass(milliseconds: number): SessionDriver
  /** The agent that works on the task reports; the task must be under way. */
  answer(task: string, outcome: Partial<Outcome>, charges?: Charge[]): SessionDriver
  fail(task: string, code: FailureCode, detail?: string, charges?: Charge[]): SessionDriver
  /** Any content, from the agent that works on the task. */
  say(task: string, performative: string, content: Json): SessionDriver
  interrupt(): SessionDriver
  cancel(): SessionDriver
  raise(budgetMicros: number): SessionDriver
}

export function driveSession(options: DriveOptions = {}): SessionDriver {
  const base = defaultMission()
  const terms = options.terms ?? FREE
  const opened: Opened = {
    kind: 'opened',
    at: OPENED_AT,
    session: options.name ?? 'handover-7f3k',
    mission: {
      ...base,
      name: 'handover',
      objective: options.objective ?? 'What must the new owner know?',
      tasks: options.tasks ?? [],
      agents: { ...base.agents, worker: { ...base.agents.worker, count: options.workers ?? 3 } },
      ...options.mission,
    },
    terms: { planner: terms, worker: terms, synthesizer: terms },
    synthesize: options.synthesize ?? false,
  }
  const session = openSession(opened)
  const documents = options.documents ?? []
  const passages = new Map<string, Passage>()
  for (const document of documents) {
    for (const passage of passagesOf(document)) passages.set(`${passage.source} ${passage.passage}`, passage)
  }
  let at = OPENED_AT
  let messages = 0
  const driver: SessionDriver = {
    session,
    lookup: (source, passage) => passages.get(`${source} ${passage}`),
    epoch() {
      step(session, { kind: 'epoch-started', at, epoch: session.epoch + 1, keyId: 'ed25519:00' })
      return driver.pass(0)
    },
    pass(milliseconds) {
      at += milliseconds
      step(session, { kind: 'time-passed', at })
      return driver
    },
    answer(task, outcome, charges = []) {
      const attempt = underWay(session, task)
      const content = { answer: '', claims: [], ...outcome }
      const reply = { kind: 'result', task, attempt: attempt.number, outcome: content, charges, limits: null }
      return driver.say(task, 'inform', reply as unknown as Json)
    },
    fail(task, code, detail = '', charges = []) {
      const { number } = underWay(session, task)
      const reply = {
        kind: 'failure',
        task,
        attempt: number,
        code,
        detail,
        retry_after_ms: null,
        charges,
        limits: null,
      }
      return driver.say(task, 'failure', reply as unknown as Json)
    },
    say(task, performative, content) {
      const { agent } = underWay(session, task)
      return receive(`if://agent/${session.name}/${agent.name}`, performative, content)
    },
    interrupt() {
      step(session, { kind: 'interrupted', at })
      return driver
    },
    cancel() {
      return receive(`if://agent/${session.name}/operator`, 'cancel', { kind: 'cancel-session' })
    },
    raise(budgetMicros) {
      step(session, { kind: 'limits-raised', at, budgetMicros, deadlineAt: null })
      return driver
    },
  }
  function receive(sender: string, performative: string, content: Json): SessionDriver {
    const messageId = `if://message/${session.name}/x/1.${++messages}`
    step(session, { kind: 'received', at, message: { sender, performative, messageId, content } })
    return driver
  }
  step(session, {
    kind: 'evidence-added',
    at,
    sources: documents.map((document) => ({
      name: document.name,
      uri: document.name,
      sha256: document.source,
      bytes: document.blocks.reduce((sum, block) => sum + block.text.length + 1, 0),
      mediaType: document.mediaType,
      document: document.source,
      accessedAt: document.name.startsWith('https://') ? OPENED_AT : null,
    })),
    faults: options.faults ?? [],
  })
  return driver.epoch()
}

function underWay(session: Session, id: string) {
  const status = session.tasksById.get(id)?.status
  if (status?.is !== 'assigned') throw new Error(`task "${id}" is ${status?.is ?? 'unknown'}, not under way`)
  return status.attempt
}

/** A Markdown document: lines that begin with `#` are headings, the others paragraphs. */
export function documentOf(name: string, text: string, sha256: (text: string) => Sha256): Document {
  return {
    source: sha256(text),
    name,
    mediaType: 'text/markdown',
    reader: 'text/1',
    blocks: text.split('\n').flatMap((line, at): Block[] => {
      if (line.trim() === '') return []
      const heading = /^(#+) (.*)$/.exec(line)
      const place = { line: at + 1 }
      if (heading === null) return [{ kind: 'text', text: line, place }]
      return [{ kind: 'heading', level: heading[1]?.length ?? 1, text: heading[2] ?? '', place }]
    }),
  }
}

/** A claim that quotes the documents' words wherever they stand. */
export function claimOf(
  text: string,
  documents: readonly Document[],
  supports: readonly string[],
  contradicts: readonly string[] = [],
): Claim {
  const quotes = (texts: readonly string[]) =>
    texts.map((words) => {
      const passage = documents.flatMap(passagesOf).find((one) => one.text.includes(words))
      if (passage === undefined) throw new Error(`no document says "${words}"`)
      return { source: passage.source, passage: passage.passage, text: words }
    })
  return { text, supports: quotes(supports), contradicts: quotes(contradicts) }
}
