import { z } from 'zod'
import { DURATION_PATTERN, formatDuration, parseDuration } from './duration.ts'
import { describe, quoted } from './fault.ts'
import { TASKS_MAX } from './mission.ts'
import { defaultMission } from './mission-defaults.ts'
import { MoneyError, parseUsd } from './money.ts'
import type { Role } from './work.ts'

const DAY_MS = 86_400_000
export const DEADLINE_MAX_MS = 30 * DAY_MS
export const TIMEOUT_MIN_MS = 1_000
export const TIMEOUT_MAX_MS = 3_600_000
const DOLLARS_MAX = 1_000_000
const MICROS_MAX = DOLLARS_MAX * 1_000_000
/** Longest amount or duration that is looked at. */
const FIGURE_CHARACTERS_MAX = 40

const defaults = defaultMission()

type Explain = (issue: { input?: unknown }) => string

/** What a value must be, and what it is; `is missing` and `is empty` name the remedy too. */
function must(be: string): Explain {
  return ({ input }) => {
    if (input === undefined) return `is missing; it must be ${be}`
    if (input === null) return `is empty; it must be ${be}`
    return `must be ${be}, is ${describe(input)}`
  }
}

/** 20000 as `20,000`. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

function wholeNumber(least: number, most: number) {
  const range = `from ${grouped(least)} to ${grouped(most)}`
  const outside: Explain = ({ input }) => `must be ${range}, is ${describe(input)}`
  return z
    .int({ error: must(`a whole number ${range}`) })
    .min(least, { error: outside })
    .max(most, { error: outside })
}

function text(charactersMax: number, be: string, options: { lines: boolean }) {
  const explain: Explain = (issue) => {
    const quotes = typeof issue.input === 'number' || typeof issue.input === 'boolean'
    return must(be)(issue) + (quotes ? '; put it in quotes' : '')
  }
  return z
    .string({ error: explain })
    .min(1, { error: `is empty; it must be ${be}` })
    .max(charactersMax, {
      error: ({ input }) =>
        `must be at most ${grouped(charactersMax)} characters, is ${grouped(String(input).length)}; shorten it`,
    })
    .superRefine((value, context) => {
      if (value === '') return
      const fault = unprintable(value, options.lines)
      if (fault !== null) context.addIssue({ code: 'custom', message: fault })
      else if (value.trim() === '')
        context.addIssue({ code: 'custom', message: `is blank; it must be ${be}` })
    })
}

const CONTROLS = /(?![\n\t])\p{Cc}|[\uFFFE\uFFFF]/u
const CONTROLS_AND_LINES = /\p{Cc}|[\uFFFE\uFFFF]/u

/** What keeps a text from being passed on unchanged, by queues and to terminals; null when nothing does. */
function unprintable(value: string, lines: boolean): string | null {
  if (!value.isWellFormed()) return 'has half of a surrogate pair, which is not Unicode text; remove it'
  if (value.includes('\uFFFD')) return 'has a character that was not UTF-8 (U+FFFD); save the file as UTF-8'
  const match = (lines ? CONTROLS : CONTROLS_AND_LINES).exec(value)
  return match === null ? null : `has the control character ${quoted(match[0])}; remove it`
}

/** Lower-case letters, digits and single hyphens. */
export const KEBAB_PATTERN = '^[a-z0-9]+(-[a-z0-9]+)*$'
const KEBAB = new RegExp(KEBAB_PATTERN)

export function slug(value: string, charactersMax: number): string {
  const plain = value
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
  return plain
    .slice(0, charactersMax + 1)
    .replace(/^-/, '')
    .slice(0, charactersMax)
    .replace(/-$/, '')
}

function kebab(charactersMax: number, be: string) {
  return text(charactersMax, be, { lines: false })
    .superRefine((value, context) => {
      if (value === '' || value.length > charactersMax || KEBAB.test(value)) return
      const better = slug(value, charactersMax)
      const remedy = better === '' ? '' : `; write ${better}`
      const message = `must be lower-case letters, digits and single hyphens, is ${quoted(value)}${remedy}`
      context.addIssue({ code: 'custom', message })
    })
    .meta({ pattern: KEBAB_PATTERN })
}

/** US dollars in the file, integer micro-dollars in the mission. */
function dollars(be: string, least: 'zero' | 'more than zero') {
  return z
    .union([z.number(), z.string().meta({ pattern: String.raw`^\$?\d+(\.\d{1,6})?$` })], { error: must(be) })
    .transform((amount, context) => {
      const refuse = (message: string) => {
        context.addIssue({ code: 'custom', message })
        return z.NEVER
      }
      if (String(amount).length > FIGURE_CHARACTERS_MAX) return refuse(must(be)({ input: amount }))
      if (/^\s*(-|\$\s*-)/.test(String(amount))) return refuse(`must not be negative, is ${describe(amount)}`)
      try {
        const micros = parseUsd(amount)
        if (micros > MICROS_MAX)
          return refuse(`must be at most ${grouped(DOLLARS_MAX)}, is ${describe(amount)}`)
        if (micros > 0 || least === 'zero') return micros
        return refuse(`must be more than 0, is ${describe(amount)}`)
      } catch (error) {
        if (error instanceof MoneyError) return refuse(error.message)
        throw error
      }
    })
}

/** With units in the file, milliseconds in the mission. */
function duration(least: number, most: number, example: string) {
  const range = `from ${formatDuration(least)} to ${formatDuration(most)}`
  const be = `a duration with its units (d, h, m, s, ms), such as ${example}`
  const explain: Explain = (issue) => {
    const { input } = issue
    const bare = typeof input === 'number' && Number.isInteger(input) && input > 0
    return must(be)(issue) + (bare ? `; write ${input}s for seconds or ${input}m for minutes` : '')
  }
  return z
    .string({ error: explain })
    .meta({ pattern: DURATION_PATTERN })
    .transform((value, context) => {
      const milliseconds = value.length > FIGURE_CHARACTERS_MAX ? null : parseDuration(value)
      if (milliseconds !== null && milliseconds >= least && milliseconds <= most) return milliseconds
      const bare = /^\d{1,9}$/.test(value) ? Number(value) : value
      const message = milliseconds === null ? explain({ input: bare }) : `must be ${range}, is ${value}`
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    })
}

const MODEL_PATTERN = String.raw`^(auto|extractive|[^\s/]+/\S+)$`
const MODEL_BE = 'auto, extractive or provider/model, as in anthropic/claude-haiku-4-5'

const model = text(200, MODEL_BE, { lines: false })
  .superRefine((value, context) => {
    if (value.trim() === '' || value.length > 200 || new RegExp(MODEL_PATTERN).test(value)) return
    context.addIssue({ code: 'custom', message: must(MODEL_BE)({ input: value }) })
  })
  .meta({ pattern: MODEL_PATTERN })

/** For the JSON Schema: the other form in which a mapping may be written. */
interface ShortForm {
  shortForm: { type: string } & Record<string, unknown>
}

const WORKERS_MAX = 1_000

function agent(role: Role) {
  const { count, concurrency, model: standard } = defaults.agents[role]
  const single = z.literal(1, {
    error: ({ input }) => `must be 1, is ${describe(input)}; a session has one ${role}`,
  })
  const mapping = z.strictObject(
    {
      count: (role === 'worker' ? wholeNumber(1, WORKERS_MAX) : single)
        .describe('How many agents work at the same time.')
        .default(count),
      model: model.describe(`${MODEL_BE}.`).default(standard),
      concurrency: wholeNumber(1, 100)
        .describe('Attempts that one agent works on at the same time.')
        .default(concurrency),
    },
    { error: must('a mapping of count, model and concurrency, or just the count') },
  )
  const most = role === 'worker' ? WORKERS_MAX : 1
  const short: ShortForm = { shortForm: { type: 'integer', minimum: 1, maximum: most } }
  return z
    .preprocess((value) => (typeof value === 'number' ? { count: value } : value), mapping)
    .meta({ description: `The ${role}${role === 'worker' ? 's' : ''}, or just the count.`, ...short })
    .prefault({})
}

const agents = z
  .preprocess(
    (value) => (typeof value === 'number' ? { worker: value } : value),
    z.strictObject(
      { planner: agent('planner'), worker: agent('worker'), synthesizer: agent('synthesizer') },
      { error: must('a number of workers, or a mapping of planner, worker and synthesizer') },
    ),
  )
  .meta({
    description: 'Who works, by role, or just the number of workers.',
    shortForm: { type: 'integer', minimum: 1, maximum: WORKERS_MAX },
  })
  .prefault({})

export const EVIDENCE_MAX = 10_000
const source = text(4_096, 'a file, folder, glob or https URL', { lines: false })
const EVIDENCE_BE = 'a file, folder, glob or https URL, or a list of them'

const evidence = z
  .preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(source, { error: must(EVIDENCE_BE) }).max(EVIDENCE_MAX, {
      error: `has more than ${grouped(EVIDENCE_MAX)} entries; use folders or globs`,
    }),
  )
  .meta({
    description: 'Files, folders, globs and https URLs, relative to the folder of the mission file.',
    shortForm: { type: 'string', minLength: 1, maxLength: 4_096 },
  })
  .default(() => [])

export const TASK_ID_MAX = 64
const QUESTION_MAX = 4_000
const taskId = kebab(TASK_ID_MAX, 'the short name of a task, such as first-month-costs')

const task = z.strictObject(
  {
    id: taskId.describe('Unique within the mission.'),
    question: text(QUESTION_MAX, 'a question of 1 to 4,000 characters', { lines: true }).describe(
      'What the task answers.',
    ),
    needs: z
      .array(text(TASK_ID_MAX, 'the id of a task', { lines: false }), {
        error: (issue) =>
          typeof issue.input === 'string'
            ? `must be a list of task ids, is ${describe(issue.input)}; write [${issue.input.slice(0, TASK_ID_MAX)}]`
            : must('a list of task ids, such as [engines, costs]')(issue),
      })
      .describe('Ids of the tasks whose results this one is given; it starts when they have finished.')
      .default(() => []),
  },
  { error: must('a mapping of id, question and needs') },
)

const PRICE_KEY_PATTERN = String.raw`^[^\s/]+/\S+$`
const perMillion = 'US dollars per million tokens, such as 1.00'

const price = z.strictObject(
  {
    input: dollars(perMillion, 'zero').describe('US dollars per million input tokens.'),
    output: dollars(perMillion, 'zero').describe('US dollars per million output tokens, reasoning included.'),
    cache_read: dollars(perMillion, 'zero')
      .describe('US dollars per million input tokens read from the cache. Left out: the price of input.')
      .optional(),
    cache_write: dollars(perMillion, 'zero')
      .describe('US dollars per million input tokens written to the cache. Left out: the price of input.')
      .optional(),
  },
  { error: must('a mapping of input, output, cache_read and cache_write') },
)

const prices = z
  .record(
    text(200, 'provider/model', { lines: false }).superRefine((key, context) => {
      if (new RegExp(PRICE_KEY_PATTERN).test(key)) return
      const message = 'must be provider/model, as in anthropic/claude-haiku-4-5'
      context.addIssue({ code: 'custom', message })
    }),
    price,
    { error: must('a mapping from provider/model to its prices') },
  )
  .meta({
    description: 'Prices by provider/model. They replace the known ones.',
    propertyNames: { type: 'string', maxLength: 200, pattern: PRICE_KEY_PATTERN },
  })
  .default(() => ({}))

const OBJECTIVE_MAX = 4_000

/** What a mission file may say, as it is written. Rules between fields are in `mission-rules.ts`. */
export const missionSchema = z
  .strictObject(
    {
      mission: kebab(40, 'a name of 1 to 40 characters, such as navidocs-handover').describe(
        "The mission's name; it starts the names of its sessions.",
      ),
      objective: text(OBJECTIVE_MAX, 'a text of 1 to 4,000 characters that says what you want to know', {
        lines: true,
      }).describe('What the session is to find out.'),
      evidence,
      agents,
      budget: dollars('an amount in US dollars, such as 1.00', 'more than zero')
        .nullable()
        .describe(
          'US dollars, a hard stop: at most 6 decimals and 1,000,000. null: nothing that costs may be used.',
        )
        .default(defaults.budgetMicros),
      deadline: duration(1, DEADLINE_MAX_MS, '10m or 1h30m')
        .nullable()
        .describe('From the start of the session, such as 90s, 10m or 1h30m; at most 30d. null: none.')
        .default(defaults.deadlineMs),
      attempts: wholeNumber(1, 10)
        .describe('Tries per task, the first included.')
        .default(defaults.attemptsMax),
      timeout: duration(TIMEOUT_MIN_MS, TIMEOUT_MAX_MS, '90s or 5m')
        .describe('What one attempt may take, from 1s to 1h and no more than the deadline.')
        .prefault(formatDuration(defaults.attemptTimeoutMs)),
      tasks: z
        .array(task, { error: must('a list of tasks, each with id and question') })
        .max(TASKS_MAX, {
          error: ({ input }) =>
            `must be at most ${grouped(TASKS_MAX)} tasks, is ${grouped(Array.isArray(input) ? input.length : 0)}; split the mission`,
        })
        .describe('Left out: the planner makes them from the objective.')
        .default(() => []),
      prices,
    },
    { error: must('a mapping of keys such as mission, objective and evidence') },
  )
  .meta({ title: 'InfraFabric mission' })

/** A mission as people write it, in a file or by the options of a command. */
export type MissionFile = z.input<typeof missionSchema>
export type CheckedMissionFile = z.output<typeof missionSchema>

const KEYS = {
  mission: Object.keys(missionSchema.shape),
  agents: Object.keys(defaults.agents),
  agent: ['count', 'model', 'concurrency'],
  task: Object.keys(task.shape),
  price: Object.keys(price.shape),
}

/** The keys that the mapping at this path may have. */
export function knownKeys(path: readonly (string | number)[]): readonly string[] {
  if (path.length === 0) return KEYS.mission
  if (path[0] === 'agents') return path.length === 1 ? KEYS.agents : KEYS.agent
  return path[0] === 'tasks' ? KEYS.task : KEYS.price
}
