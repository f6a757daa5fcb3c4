import { createEvidenceIndex, type EvidenceIndex } from '@infrafabric/evidence'
import type { AgentTools } from '@infrafabric/ports'

/** Finds a session's index: the one at hand, else one made here and kept for the next task of the same evidence. */
export function evidenceKeeper(): (tools: AgentTools) => EvidenceIndex {
  let kept: { sources: string; index: EvidenceIndex } | undefined
  return (tools) => {
    if (tools.evidence !== undefined) return tools.evidence
    const documents = tools.documents()
    const sources = documents.map((document) => document.source).join()
    if (kept?.sources !== sources) kept = { sources, index: createEvidenceIndex(documents) }
    return kept.index
  }
}
