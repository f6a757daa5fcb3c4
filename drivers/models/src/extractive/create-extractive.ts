import type { AgentRuntime } from '@infrafabric/ports'
import { plan } from './plan.ts'
import { synthesise } from './synthesise.ts'
import { work } from './work.ts'

/**
 * Answers from the evidence alone: it ranks, compares and quotes, and writes no sentence of its own into a claim.
 * The same documents and brief give the same outcome, byte for byte.
 */
export function createExtractive(): AgentRuntime {
  return {
    name: 'extractive',
    async perform(brief, tools, signal) {
      await breathe(signal)
      if (brief.role === 'planner') return plan(brief, tools)
      if (brief.role === 'synthesizer') return synthesise(brief)
      return work(brief, tools, () => breathe(signal))
    },
  }
}

/** Lets other agents, timers and signals have their turn; rejects when the attempt was aborted. */
async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve)
  })
  signal.throwIfAborted()
}
