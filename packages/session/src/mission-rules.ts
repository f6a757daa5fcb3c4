import { formatDuration, parseDuration } from './duration.ts'
import { type Path, quoted } from './fault.ts'
import { TIMEOUT_MAX_MS, TIMEOUT_MIN_MS } from './mission-schema.ts'
import { didYouMean } from './suggest.ts'

/** A rule between fields that is broken, at the value that breaks it. */
export interface BrokenRule {
  path: Path
  /** Made when it is shown: a mission may break a rule 20,000 times. */
  message(): string
}

export interface RuleOptions {
  /** False when the agents are functions that bring what they know. */
  evidenceRequired: boolean
  /** Where a value stands, for people: `line 12`. */
  where(path: Path): string
}

interface WrittenTask {
  id: string | null
  needs: unknown[]
}

/** Checks what one field cannot know of another. Takes any value: whatever has the wrong shape is skipped here. */
export function brokenRules(value: unknown, options: RuleOptions): BrokenRule[] {
  if (!isMapping(value)) return []
  const tasks = Array.isArray(value.tasks) ? value.tasks.map(writtenTask) : []
  const positions = new Map<string, number>()
  const broken = [...brokenEvidence(value, options), ...brokenTimeout(value)]
  tasks.forEach(({ id }, index) => {
    const first = id === null ? undefined : positions.get(id)
    if (id === null) return
    if (first === undefined) positions.set(id, index)
    else
      broken.push(
        rule(
          ['tasks', index, 'id'],
          () =>
            `${quoted(id)} is already used in ${options.where(['tasks', first, 'id'])}; rename one of them`,
        ),
      )
  })
  const needs = tasks.flatMap((task, index) => brokenNeeds(task, index, positions, options))
  return [...broken, ...needs, ...cycles(tasks, positions)]
}

function brokenEvidence(value: Record<string, unknown>, options: RuleOptions): BrokenRule[] {
  const { evidence } = value
  const empty = evidence === undefined || (Array.isArray(evidence) && evidence.length === 0)
  if (!empty || !options.evidenceRequired) return []
  const what = evidence === undefined ? 'is missing' : 'is empty'
  return [rule(['evidence'], () => `${what}; name the files, folders, globs or https URLs to answer from`)]
}

function brokenTimeout(value: Record<string, unknown>): BrokenRule[] {
  const timeout = typeof value.timeout === 'string' ? parseDuration(value.timeout) : null
  const deadline = typeof value.deadline === 'string' ? parseDuration(value.deadline) : null
  if (timeout === null || deadline === null || deadline <= 0 || timeout <= deadline) return []
  if (timeout < TIMEOUT_MIN_MS || timeout > TIMEOUT_MAX_MS) return []
  const message = `must not exceed the deadline of ${formatDuration(deadline)}, is ${formatDuration(timeout)}; shorten it, or leave it out`
  return [rule(['timeout'], () => message)]
}

function brokenNeeds(
  task: WrittenTask,
  index: number,
  positions: ReadonlyMap<string, number>,
  options: RuleOptions,
): BrokenRule[] {
  const broken: BrokenRule[] = []
  const named = new Map<string, number>()
  task.needs.forEach((need, needIndex) => {
    if (typeof need !== 'string' || need === '') return
    const path = ['tasks', index, 'needs', needIndex]
    const first = named.get(need)
    named.set(need, first ?? needIndex)
    if (first !== undefined) {
      const before = ['tasks', index, 'needs', first]
      broken.push(
        rule(path, () => `${quoted(need)} is already named in ${options.where(before)}; remove one of them`),
      )
    } else if (need === task.id) {
      broken.push(rule(path, () => `task ${quoted(need)} needs itself; remove it`))
    } else if (!positions.has(need)) {
      const subject = task.id === null ? 'a task' : `task ${quoted(task.id)}`
      broken.push(
        rule(path, () => {
          const hint = didYouMean(need, positions.keys())
          return `${subject} needs ${quoted(need)}, which is not defined${hint === '' ? '; define it, or remove it' : hint}`
        }),
      )
    }
  })
  return broken
}

interface Step {
  task: number
  /** The next of its needs to follow. */
  need: number
}

/** One broken rule for each need that closes a circle. Walks without recursion: chains may be 20,000 long. */
function cycles(tasks: readonly WrittenTask[], positions: ReadonlyMap<string, number>): BrokenRule[] {
  const broken: BrokenRule[] = []
  const visited = new Map<number, 'open' | 'done'>()
  const parents = new Map<number, number>()
  for (let root = 0; root < tasks.length; root++) {
    if (visited.has(root)) continue
    const open: Step[] = [{ task: root, need: 0 }]
    visited.set(root, 'open')
    for (let step = open.at(-1); step !== undefined; step = open.at(-1)) {
      const from = step.task
      const needs = tasks[from]?.needs ?? []
      const needIndex = step.need++
      const need = needs[needIndex]
      if (needIndex >= needs.length) {
        visited.set(from, 'done')
        open.pop()
        continue
      }
      const to = typeof need === 'string' ? positions.get(need) : undefined
      if (to === undefined || to === from) continue
      if (!visited.has(to)) {
        visited.set(to, 'open')
        parents.set(to, from)
        open.push({ task: to, need: 0 })
      } else if (visited.get(to) === 'open') {
        broken.push(rule(['tasks', from, 'needs', needIndex], () => circle(tasks, parents, from, to)))
      }
    }
  }
  return broken
}

const CIRCLE_SHOWN_MAX = 50

function circle(
  tasks: readonly WrittenTask[],
  parents: ReadonlyMap<number, number>,
  from: number,
  to: number,
): string {
  const backwards = [from]
  for (let task = from; task !== to; ) {
    task = parents.get(task) ?? to
    backwards.push(task)
  }
  const ids = backwards.reverse().map((task) => tasks[task]?.id ?? '')
  const last = ids[0] ?? ''
  const hidden = ids.length - CIRCLE_SHOWN_MAX
  const shown = hidden > 0 ? [...ids.slice(0, CIRCLE_SHOWN_MAX), `… (${hidden} more)`] : ids
  return `tasks need each other in a circle: ${[...shown, last].join(' → ')}; remove one of these needs`
}

function writtenTask(value: unknown): WrittenTask {
  if (!isMapping(value)) return { id: null, needs: [] }
  const id = typeof value.id === 'string' && value.id !== '' ? value.id : null
  return { id, needs: Array.isArray(value.needs) ? value.needs : [] }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function rule(path: Path, message: () => string): BrokenRule {
  return { path, message }
}
