import type { AgentRuntime, AgentTools, Brief } from '@infrafabric/ports'
import type { Outcome } from '@infrafabric/session'

/** What a plain function may return: an outcome, a part of one, text for people, or any JSON. */
export type AgentFunction = (brief: Brief, tools: AgentTools, signal: AbortSignal) => unknown

/** An agent that is a plain function. Text becomes the answer; a value that is no outcome becomes its `data`. */
export function functionAgent(name: string, work: AgentFunction): AgentRuntime {
  return {
    name,
    async perform(brief, tools, signal) {
      return outcomeOf(await work(brief, tools, signal))
    },
  }
}

function outcomeOf(value: unknown): Outcome {
  if (value === undefined || value === null) return { answer: '', claims: [] }
  if (typeof value === 'string') return { answer: value, claims: [] }
  if (isOutcome(value)) return { ...value, answer: value.answer ?? '', claims: value.claims ?? [] }
  return { answer: '', claims: [], data: value }
}

const MEMBERS = new Set(['answer', 'claims', 'tasks', 'data'])

function isOutcome(value: unknown): value is Partial<Outcome> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const members = Object.keys(value)
  return members.length > 0 && members.every((member) => MEMBERS.has(member))
}
