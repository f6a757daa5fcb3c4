import type { AgentRuntime } from '@infrafabric/ports'
import { evidenceKeeper } from './evidence-of.ts'
import { plan } from './plan.ts'
import { synthesise } from './synthesise.ts'
import { work } from './work.ts'

/**
 * Answers from the evidence alone: it ranks, compares and quotes, and writes no sentence of its own into a claim.
 * The same documents and brief give the same outcome, byte for byte.
 */
export function createExtractive(): AgentRuntime {
  const evidenceOf = evidenceKeeper()
  return {
    name: 'extractive',
    async perform(brief, tools, signal) {
      const breathe = () => pause(signal)
      await breathe()
      const index = evidenceOf(tools)
      await breathe()
      if (brief.role === 'planner') return plan(brief, index)
      if (brief.role === 'synthesizer') return synthesise(brief, index)
      return work(brief, index, breathe)
    },
  }
}

/** Lets other agents, timers and signals have their turn; rejects when the attempt was aborted. */
async function pause(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
  signal.throwIfAborted()
}
