import type { Claim } from '@infrafabric/evidence'
import type { Brief } from '@infrafabric/ports'
import type { Outcome } from '@infrafabric/session'

export function synthesise(brief: Brief): Outcome {
  const claims = new Map<string, Claim>()
  for (const { outcome } of brief.inputs) {
    for (const claim of outcome?.claims ?? []) if (!claims.has(claim.text)) claims.set(claim.text, claim)
  }
  const parts = brief.inputs.map(
    ({ question, outcome }) => `## ${question}\n\n${outcome?.answer || 'No evidence was found.'}`,
  )
  return { answer: parts.join('\n\n'), claims: [...claims.values()] }
}
