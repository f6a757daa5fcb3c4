import { newBudget } from './budget.ts'
import type { Opened } from './event.ts'
import { Heap } from './heap.ts'
import type { Agent, Session, Task } from './state.ts'
import type { PlannedTask, Role } from './work.ts'

/** Task ids that no mission can use: an underscore is not kebab-case. */
export const PLAN_TASK = '_plan'
export const SYNTHESIS_TASK = '_synthesis'

export const ROLES: readonly Role[] = ['planner', 'worker', 'synthesizer']

/** The session that `opened` begins. Nothing is assigned before a coordinator starts its first epoch. */
export function openSession(event: Opened): Session {
  const { mission } = event
  const byIndex = (a: Task, b: Task): boolean => a.index < b.index
  const byName = (a: Agent, b: Agent): boolean => a.name < b.name
  const session: Session = {
    name: event.session,
    mission,
    synthesize: event.synthesize,
    terms: event.terms,
    sources: [],
    sourceFaults: [],
    openedAt: event.at,
    at: event.at,
    clockAt: event.at,
    deadlineAt: mission.deadlineMs === null ? null : event.at + mission.deadlineMs,
    phase: { is: 'running' },
    epoch: 0,
    keyId: '',
    nextSeq: 1,
    tasks: [],
    tasksById: new Map(),
    tasksOpen: 0,
    agents: [],
    agentsByName: new Map(),
    running: new Set(),
    unsent: [],
    budget: newBudget(mission.budgetMicros),
    ledger: new Map(),
    paces: new Map(),
    ready: { planner: new Heap(byIndex), worker: new Heap(byIndex), synthesizer: new Heap(byIndex) },
    idle: { planner: new Heap(byName), worker: new Heap(byName), synthesizer: new Heap(byName) },
    resting: new Heap((a, b) => a.until < b.until),
    leases: new Heap((a, b) => a.until < b.until),
  }
  for (const role of ROLES) {
    for (const name of agentNames(role, mission.agents[role].count)) {
      const agent = { name, role, places: mission.agents[role].concurrency }
      session.agents.push(agent)
      session.agentsByName.set(name, agent)
      session.idle[role].push(agent)
    }
  }
  if (mission.tasks.length > 0) addTasks(session, mission.tasks)
  else addTask(session, PLAN_TASK, 'planner', mission.objective, [])
  return session
}

/** `h01` … `h10`, `h0001` … `h1000`; a single planner or synthesizer is called by its role. */
export function agentNames(role: Role, count: number): string[] {
  if (role !== 'worker') return [role]
  const digits = Math.max(2, String(count).length)
  return Array.from({ length: count }, (_, i) => `h${String(i + 1).padStart(digits, '0')}`)
}

/** Adds checked tasks (see `planFault`), in whatever order they name each other, and the synthesis after them. */
export function addTasks(session: Session, planned: readonly PlannedTask[]): void {
  const added = planned.map((task) => addTask(session, task.id, 'worker', task.question, []))
  for (const [i, task] of added.entries()) {
    for (const id of new Set((planned[i] as PlannedTask).needs)) link(task, session.tasksById.get(id) as Task)
  }
  if (session.synthesize) addTask(session, SYNTHESIS_TASK, 'synthesizer', session.mission.objective, added)
  for (const task of added) if (task.needs.length === 0) makeReady(session, task)
}

function addTask(session: Session, id: string, role: Role, question: string, needs: readonly Task[]): Task {
  const task: Task = {
    index: session.tasks.length,
    id,
    role,
    question,
    needs: [],
    neededBy: [],
    attempts: [],
    tries: 0,
    throttles: 0,
    status: { is: 'waiting', unmet: 0 },
  }
  session.tasks.push(task)
  session.tasksById.set(id, task)
  session.tasksOpen++
  for (const need of needs) link(task, need)
  if (role === 'planner') makeReady(session, task)
  return task
}

function link(task: Task, need: Task): void {
  task.needs.push(need)
  need.neededBy.push(task)
  if (task.status.is === 'waiting') task.status.unmet++
}

export function makeReady(session: Session, task: Task): void {
  task.status = { is: 'ready' }
  session.ready[task.role].push(task)
}
