import { KEBAB_PATTERN, TASK_ID_MAX } from './mission.ts'
import type { PlannedTask } from './work.ts'

const KEBAB = new RegExp(KEBAB_PATTERN)

/** What is wrong with a planner's tasks, or null. The same rules as for tasks in a mission file. */
export function planFault(tasks: readonly PlannedTask[], tasksMax: number): string | null {
  if (tasks.length === 0) return 'the plan has no tasks'
  if (tasks.length > tasksMax) return `the plan has ${tasks.length} tasks, at most ${tasksMax}`
  const byId = new Map<string, PlannedTask>()
  for (const task of tasks) {
    if (!KEBAB.test(task.id) || task.id.length > TASK_ID_MAX)
      return `task id "${task.id.slice(0, TASK_ID_MAX)}" is not kebab-case`
    if (byId.has(task.id)) return `two tasks are called "${task.id}"`
    if (task.question.trim() === '') return `task "${task.id}" has no question`
    byId.set(task.id, task)
  }
  for (const task of tasks) {
    for (const need of task.needs) {
      if (!byId.has(need)) return `task "${task.id}" needs "${need}", which is not in the plan`
    }
  }
  const circle = findCircle(tasks)
  return circle === null ? null : `tasks need each other in a circle: ${circle.join(' → ')}`
}

/** Ids of tasks that need each other in a circle, the first one repeated at the end; null when there is none. */
function findCircle(tasks: readonly PlannedTask[]): string[] | null {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const done = new Set<string>()
  for (const start of tasks) {
    if (done.has(start.id)) continue
    // Depth first without recursion: a chain of 20,000 tasks must not overflow the stack.
    const path: { task: PlannedTask; next: number }[] = [{ task: start, next: 0 }]
    const onPath = new Set([start.id])
    while (path.length > 0) {
      const top = path[path.length - 1] as { task: PlannedTask; next: number }
      const need = top.task.needs[top.next++]
      if (need === undefined) {
        path.pop()
        onPath.delete(top.task.id)
        done.add(top.task.id)
      } else if (onPath.has(need)) {
        const ids = path.map((entry) => entry.task.id)
        return [...ids.slice(ids.indexOf(need)), need]
      } else if (!done.has(need)) {
        const task = byId.get(need)
        if (task !== undefined) {
          path.push({ task, next: 0 })
          onPath.add(need)
        }
      }
    }
  }
  return null
}
