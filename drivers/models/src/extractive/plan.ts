import type { EvidenceIndex, Passage } from '@infrafabric/evidence'
import type { Brief } from '@infrafabric/ports'
import type { Outcome, PlannedTask } from '@infrafabric/session'
import { facetsOf } from './question.ts'
import { COVERAGE_LEAST, rankSentences } from './rank-sentences.ts'
import { readable } from './readable.ts'

/** Questions of a plan, the caller's bound aside. */
const TASKS_MOST = 10
/** An objective that a sentence of the evidence speaks of so fully is narrow: it needs no tour of the documents. */
const ANSWERED = 0.8
/** Passages whose headings are looked at. */
const PASSAGES = 40

/**
 * Tasks from the objective's own questions; where it is broad, also from the headings of the passages nearest to
 * it, one of each document before a second of any.
 */
export function plan(brief: Brief, index: EvidenceIndex): Outcome {
  const most = Math.max(1, Math.min(brief.tasksMax, TASKS_MOST))
  const questions = questionsOf(brief.objective)
  const coverage = coverageOf(brief.objective, index)
  const isBroad = questions.length === 1 && coverage < ANSWERED
  // A question that nothing speaks of gets no tour either: it would answer another one.
  const isAsked = brief.objective.trim().endsWith('?')
  const topics =
    !isBroad || (isAsked && coverage < COVERAGE_LEAST)
      ? []
      : topicsOf(brief.objective, index)
          .map((topic) => `What does ${topic.name} say about “${topic.heading}”?`)
          // Nobody is sent to look for what is not there.
          .filter((question) => coverageOf(question, index) >= COVERAGE_LEAST)
  const tasks: PlannedTask[] = []
  const ids = new Set<string>()
  for (const question of [...questions, ...topics].slice(0, most)) {
    tasks.push({ id: idOf(question, ids), question, needs: [] })
  }
  return { answer: '', claims: [], tasks }
}

/** The questions that an objective asks: its sentences and list items, and the parts that begin with a question word. */
function questionsOf(objective: string): string[] {
  const lines = objective.split(/\n+/).map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, '').trim())
  const sentences = lines
    .flatMap((line) => line.split(/(?<=\?)\s+/))
    .filter((line) => /[\p{L}\d]/u.test(line))
  const questions = sentences.some((line) => line.endsWith('?'))
    ? sentences.filter((line) => line.endsWith('?'))
    : sentences
  const unique = [...new Set(questions)]
  return unique.length === 0 ? [objective.trim() || 'What do the documents say?'] : unique
}

/** How much of the objective the sentence speaks of that speaks of most, 0 to 1. */
function coverageOf(objective: string, index: EvidenceIndex): number {
  const whole = facetsOf(objective)[0]
  return whole === undefined ? 0 : (rankSentences(whole, whole, index)[0]?.coverage ?? 0)
}

interface Topic {
  name: string
  heading: string
}

function topicsOf(objective: string, index: EvidenceIndex): Topic[] {
  const byDocument = new Map<string, Topic[]>()
  const seen = new Set<string>()
  for (const passage of index.search(objective, PASSAGES, { diversity: 0.4 })) {
    const topic = topicOf(passage)
    const key = topic?.heading.toLowerCase() ?? ''
    if (topic === undefined || seen.has(key)) continue
    seen.add(key)
    byDocument.set(passage.source, [...(byDocument.get(passage.source) ?? []), topic])
  }
  return [0, 1, 2].flatMap((round) => [...byDocument.values()].flatMap((list) => list[round] ?? []))
}

/** A passage's nearest heading, without its number, and its source's file name. */
function topicOf(passage: Passage): Topic | undefined {
  const heading = readable(passage.headings.at(-1) ?? '')
    .replace(
      /^(?:(?:article|section|chapter|part)\s+)?(?:\d{1,3}(?:\.\d{1,3})*|[ivx]{1,5}|[A-Z])[.):]?\s+(?=\p{L})/iu,
      '',
    )
    .replace(/^(?:(?:re|fw|fwd|aw|tr):\s*)+/i, '')
    .replace(/[?!.:;,]+$/, '')
    .trim()
  if (heading.length > 70 || (heading.match(/\p{L}{3,}/gu)?.length ?? 0) === 0) return undefined
  return { name: passage.name.split('/').at(-1) ?? passage.name, heading }
}

function idOf(question: string, taken: Set<string>): string {
  const words = question
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/^what does (\S+?)(?:\.\w{1,5})? say about (.*)$/, '$2 $1')
    .split(/[^a-z0-9]+/)
    .filter(
      (word) =>
        word !== '' &&
        !/^(?:what|which|when|where|who|how|is|are|the|a|an|of|do|does|must|in|and|to|for|it)$/.test(word),
    )
  const stem = words.slice(0, 5).join('-').slice(0, 40).replace(/-$/, '') || 'task'
  const base = /^[a-z]/.test(stem) ? stem : `task-${stem}`
  let id = base
  for (let count = 2; taken.has(id); count++) id = `${base}-${count}`
  taken.add(id)
  return id
}
