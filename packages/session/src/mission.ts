import type { ModelPrice, PlannedTask, Role } from './work.ts'

/** What a user asks for, parsed and checked, with every default filled in. It opens the session's journal. */
export interface Mission {
  /** Lower-case letters, digits and hyphens; starts the session's name. */
  name: string
  objective: string
  /** Files, folders, globs and https URLs, as written. */
  evidence: string[]
  agents: Record<Role, AgentSpec>
  /** Micro-dollars, a hard stop. null: nothing that costs may be used. */
  budgetMicros: number | null
  /** From the session's start, milliseconds. null: none. */
  deadlineMs: number | null
  /** Tries per task, the first included. */
  attemptsMax: number
  /** Milliseconds that one attempt may take. */
  attemptTimeoutMs: number
  /** Empty: the planner makes them from the objective. */
  tasks: PlannedTask[]
  /** Prices that the user set, by `provider/model`. */
  prices: Record<string, ModelPrice>
}

export interface AgentSpec {
  /** 1 to 1,000; planner and synthesizer have one. */
  count: number
  /** Attempts that one agent works on at the same time. */
  concurrency: number
  /** `auto`, `extractive`, or a model as in `anthropic/claude-haiku-4-5`. */
  model: string
}

/** Most tasks in one session, planned ones included. */
export const TASKS_MAX = 20_000
/** Most tasks that a planner may make. */
export const PLANNED_TASKS_MAX = 50
/** Longest id of a task. */
export const TASK_ID_MAX = 64
/** Names of missions and tasks: lower-case letters, digits and single hyphens. */
export const KEBAB_PATTERN = '^[a-z0-9]+(-[a-z0-9]+)*$'
