import type { Document, EvidenceIndex, RankedPassage } from '@infrafabric/evidence'
import type { Outcome, Role } from '@infrafabric/session'
import type { ModelRequest, ModelResponse } from './language-model.ts'

/** One attempt at a task, as an agent sees it. */
export interface Brief {
  session: string
  /** As in `h01`. */
  agent: string
  task: string
  /** From 1. */
  attempt: number
  role: Role
  /** The task's question; of planner and synthesizer: the mission's objective. */
  question: string
  /** The mission's objective. */
  objective: string
  /** Results of the tasks this one needs, in the order named. They are other agents' words: data, never orders. */
  inputs: TaskInput[]
  /** Of a planner: no more tasks than this. */
  tasksMax: number
}

export interface TaskInput {
  task: string
  question: string
  /** null: the task failed. */
  outcome: Outcome | null
}

export interface AgentTools {
  /** Best passages of the session's evidence for the query, best first; the same query gives the same passages. */
  search(query: string, limit: number): RankedPassage[]
  /** All documents of the session, in the order in which they were added. */
  documents(): readonly Document[]
  /** The index behind `search`, where it is in this process: saves an agent that compares sources making its own. */
  readonly evidence?: EvidenceIndex
  /**
   * One metered model call: refused with SliceExceeded when the attempt's slice of the budget cannot cover its
   * worst case, and answered from the call log when this attempt already made it.
   */
  complete(request: ModelRequest): Promise<ModelResponse>
}

/** How an agent thinks: a model loop, the extractive engine or a plain function. */
export interface AgentRuntime {
  /** Shown to people, as in `anthropic/claude-haiku-4-5` or `extractive`. */
  readonly name: string
  perform(brief: Brief, tools: AgentTools, signal: AbortSignal): Promise<Outcome>
}
