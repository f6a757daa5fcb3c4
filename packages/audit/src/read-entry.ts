import { isJsonObject, type JsonObject, parseCanonical } from '@infrafabric/protocol'
import { type Entry, JOURNAL_FORMAT, type Mission, planFault, TASKS_MAX } from '@infrafabric/session'
import {
  between,
  flag,
  hash,
  list,
  mapping,
  nullable,
  object,
  oneOf,
  type Shape,
  text,
  whole,
} from './shape.ts'

export type EntryRead =
  | { ok: true; entry: Entry }
  | { ok: false; code: 'entry' | 'newer-format'; detail: string }

const WIRE_MAX = 1_000_000
const LONG_MAX = 16_000_000

const price = object({
  model: text(400),
  input: whole,
  cacheRead: whole,
  cacheWrite: whole,
  output: whole,
  source: text(1_000),
})
const terms = object({
  model: text(400),
  price: nullable(price),
  callsMax: between(0, 1_000_000),
  inputTokensMax: whole,
  outputTokensMax: whole,
})
const agents = object({ count: between(1, 1_000), concurrency: between(1, 1_000), model: text(400) })
const mission = object({
  name: text(200),
  objective: text(20_000),
  evidence: list(text(LONG_MAX), 20_000),
  agents: object({ planner: agents, worker: agents, synthesizer: agents }),
  budgetMicros: nullable(whole),
  deadlineMs: nullable(whole),
  attemptsMax: between(1, 1_000),
  attemptTimeoutMs: whole,
  tasks: list(
    object({ id: text(200), question: text(20_000), needs: list(text(200), TASKS_MAX) }),
    TASKS_MAX,
  ),
  prices: mapping(price),
})
const source = object({
  name: text(20_000),
  uri: text(20_000),
  sha256: hash,
  bytes: whole,
  mediaType: text(1_000),
  document: hash,
  accessedAt: nullable(whole),
})

function entry(kind: string, members: Record<string, Shape>): Shape {
  return object({ kind: oneOf(kind), at: whole, ...members })
}

const MEMBERS: Record<Entry['kind'], Record<string, Shape>> = {
  opened: {
    v: whole,
    session: text(100),
    mission,
    terms: object({ planner: terms, worker: terms, synthesizer: terms }),
    synthesize: flag,
    operatorKey: text(100),
    software: text(1_000),
  },
  'evidence-added': {
    sources: list(source, 100_000),
    faults: list(object({ name: text(20_000), code: text(100), detail: text(100_000) }), 100_000),
  },
  'epoch-started': { epoch: whole, keyId: text(100), grants: list(text(WIRE_MAX), 16) },
  granted: { grants: list(text(WIRE_MAX), 100_000) },
  'limits-raised': { budgetMicros: nullable(whole), deadlineAt: nullable(whole) },
  received: { message: text(WIRE_MAX) },
  sent: { message: text(WIRE_MAX) },
  refused: { digest: hash, code: text(100), detail: text(20_000) },
  checkpoint: { checkpoint: text(WIRE_MAX) },
  'time-passed': {},
  interrupted: {},
}
const SHAPES: ReadonlyMap<string, Shape> = new Map(
  Object.entries(MEMBERS).map(([kind, members]) => [kind, entry(kind, members)]),
)

/** Reads a line of a journal that nobody vouches for. Never throws. */
export function readEntry(body: string): EntryRead {
  const parsed = parseCanonical(body)
  if (!parsed.ok) return refuse(parsed.detail)
  const { value } = parsed
  if (!isJsonObject(value)) return refuse('not an object')
  const { kind } = value
  if (kind === 'opened' && typeof value.v === 'number' && value.v > JOURNAL_FORMAT) return newer(value)
  const shape = typeof kind === 'string' ? SHAPES.get(kind) : undefined
  if (shape === undefined) return refuse(`kind: ${JSON.stringify(kind)?.slice(0, 60)} is not known`)
  const fault = shape(value) ?? (kind === 'opened' ? faultOfTasks(value) : undefined)
  return fault === undefined ? { ok: true, entry: value as unknown as Entry } : refuse(`${kind}: ${fault}`)
}

function faultOfTasks(opened: JsonObject): string | undefined {
  const { tasks } = opened.mission as unknown as Mission
  const fault = tasks.length === 0 ? null : planFault(tasks, TASKS_MAX)
  return fault === null ? undefined : `mission.tasks: ${fault}`
}

function newer({ v, software }: JsonObject): EntryRead {
  const made = typeof software === 'string' ? ` by ${software.slice(0, 100)}` : ''
  const detail = `journal format ${v}, made${made}, is newer than this program's ${JOURNAL_FORMAT}: update infrafabric and verify again`
  return { ok: false, code: 'newer-format', detail }
}

function refuse(detail: string): EntryRead {
  return { ok: false, code: 'entry', detail }
}
