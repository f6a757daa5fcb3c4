import { type Claim, sentencesOf } from '@infrafabric/evidence'
import type { AgentTools, Brief } from '@infrafabric/ports'
import type { Outcome } from '@infrafabric/session'

export async function work(brief: Brief, tools: AgentTools, breathe: () => Promise<void>): Promise<Outcome> {
  const passages = tools.search(brief.question, 4)
  await breathe()
  const claims: Claim[] = passages.flatMap((passage) => {
    const span = sentencesOf(passage.text)[0]
    if (span === undefined) return []
    const text = passage.text.slice(span.start, span.end)
    return [{ text, supports: [{ source: passage.source, passage: passage.passage, text }], contradicts: [] }]
  })
  const answer = passages
    .map((passage) => `**${[...passage.headings, passage.name].join(' · ')}**\n\n${passage.text}`)
    .join('\n\n')
  return { answer, claims }
}
