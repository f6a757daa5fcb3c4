import type { Claim } from '@infrafabric/evidence'

export type Role = 'planner' | 'worker' | 'synthesizer'

/** What an attempt at a task brings. */
export interface Outcome {
  /** Markdown for people. May be empty when the claims say it all. */
  answer: string
  claims: Claim[]
  /** Of a planner. */
  tasks?: PlannedTask[]
  /** Of a function agent: any JSON. */
  data?: unknown
}

export interface PlannedTask {
  id: string
  question: string
  needs: string[]
}

/** Token counts of one model call, as the provider reported them. */
export interface Usage {
  /** All input tokens, cache reads and writes included. */
  inputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
  /** All output tokens, reasoning included. */
  outputTokens: number
  reasoningTokens: number
}

/** What the provider's headers said is left; absent members were not said. */
export interface RateLimits {
  requestsRemaining?: number
  tokensRemaining?: number
  /** Milliseconds from the response until the nearest window resets. */
  resetMs?: number
}

/** Integer micro-dollars per million tokens, dated. */
export interface ModelPrice {
  /** As in `anthropic/claude-haiku-4-5`. */
  model: string
  input: number
  cacheRead: number
  cacheWrite: number
  /** Reasoning tokens are output tokens. */
  output: number
  /** Where the figures are from and of which day, for people: `@pydantic/genai-prices 0.1.8, 2026-10-30`. */
  source: string
}
