import { z } from 'zod'
import { formatDuration } from './duration.ts'
import { describe } from './fault.ts'
import { TASK_ID_MAX, TASKS_MAX } from './mission.ts'
import { defaultMission } from './mission-defaults.ts'
import { dollars, duration, type Explain, grouped, kebab, must, text, wholeNumber } from './mission-fields.ts'
import type { Role } from './work.ts'

const DAY_MS = 86_400_000
const DEADLINE_MAX_MS = 30 * DAY_MS
export const TIMEOUT_MIN_MS = 1_000
export const TIMEOUT_MAX_MS = 3_600_000
const defaults = defaultMission()

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
  const one: Explain = ({ input }) => `must be 1, is ${describe(input)}; a session has one ${role}`
  const single = z.int({ error: one }).min(1, { error: one }).max(1, { error: one })
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

const EVIDENCE_MAX = 10_000
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
