import type { LanguageModelV4Usage } from '@ai-sdk/provider'
import { type Usage, usageFault } from '@infrafabric/session'

/** The SDK's counts as ours; a string says why they cannot be trusted. Nothing missing is taken for zero. */
export function toUsage(reported: LanguageModelV4Usage): Usage | string {
  const inputTokens = reported.inputTokens.total
  const outputTokens = reported.outputTokens.total
  if (inputTokens === undefined || outputTokens === undefined)
    return 'the answer does not say how many tokens it used'
  const usage = {
    inputTokens,
    cacheReadTokens: reported.inputTokens.cacheRead ?? 0,
    cacheWriteTokens: reported.inputTokens.cacheWrite ?? 0,
    outputTokens,
    reasoningTokens: reported.outputTokens.reasoning ?? 0,
  }
  const fault = usageFault(usage)
  return fault === null ? usage : `the answer reports impossible usage: ${fault}`
}
