import type { Budget, LedgerLine } from './budget.ts'
import type { FailureCode } from './contents.ts'
import type { Heap } from './heap.ts'
import type { Mission } from './mission.ts'
import type { Pace } from './pace.ts'
import type { SourceFault, SourceRecord } from './source.ts'
import type { Terms } from './terms.ts'
import type { Outcome, Role } from './work.ts'

/** Everything a session is, rebuilt by folding its journal. `step` owns it and changes it in place. */
export interface Session {
  name: string
  mission: Mission
  synthesize: boolean
  terms: Record<Role, Terms>
  sources: SourceRecord[]
  sourceFaults: SourceFault[]
  openedAt: number
  /** The session's own time: what has passed since it was opened, as far as clocks told it. Never goes back. */
  at: number
  /** What the coordinator's clock said at the last event. */
  clockAt: number
  deadlineAt: number | null
  phase: Phase

  epoch: number
  keyId: string
  /** Number of the coordinator's next message in this epoch. */
  nextSeq: number

  tasks: Task[]
  tasksById: Map<string, Task>
  /** Tasks not yet finished, failed or skipped. */
  tasksOpen: number
  agents: Agent[]
  agentsByName: Map<string, Agent>
  /** Attempts under way. */
  running: Set<Attempt>
  /** Of those: asked for by an earlier epoch and not yet by this one. */
  unsent: Attempt[]

  budget: Budget
  ledger: Map<string, LedgerLine>
  paces: Map<string, Pace>

  /** Ready tasks by role, first come first served. */
  ready: Record<Role, Heap<Task>>
  /** Agents with a free place, lowest number first. */
  idle: Record<Role, Heap<Agent>>
  /** Tasks that rest before they are tried again, by `until`. */
  resting: Heap<{ task: Task; until: number }>
  /** Leases by expiry; an entry of an ended or renewed attempt is skipped when it comes up. */
  leases: Heap<{ attempt: Attempt; until: number }>
}

export type Phase =
  | { is: 'running' }
  /** Assigns nothing more and waits for the attempts under way, at most until `graceUntil`. */
  | { is: 'draining'; then: Stop; graceUntil: number | null }
  | { is: 'stopped'; why: Stop }

export type Stop =
  | { is: 'completed' }
  | { is: 'cancelled' }
  /** The others can be resumed. */
  | { is: 'interrupted' }
  | { is: 'out-of-budget'; sliceMicros: number }
  | { is: 'out-of-time' }
  | { is: 'halted'; code: FailureCode; detail: string }

export function isFinal(stop: Stop): boolean {
  return stop.is === 'completed' || stop.is === 'cancelled'
}

/** Done or cancelled: nothing will happen to it any more, and nobody can resume it. */
export function isOver({ phase }: Pick<Session, 'phase'>): boolean {
  return phase.is === 'stopped' && isFinal(phase.why)
}

export interface Agent {
  /** As in `h01`. */
  name: string
  role: Role
  /** Attempts it may take on besides those it has. */
  places: number
}

export interface Task {
  /** Position in `session.tasks`. */
  index: number
  id: string
  role: Role
  question: string
  needs: Task[]
  neededBy: Task[]
  attempts: Attempt[]
  /** Attempts that count towards the limit: those that were throttled, or cut off by a crash, do not. */
  tries: number
  throttles: number
  status: TaskStatus
}

export type TaskStatus =
  | { is: 'waiting'; unmet: number }
  | { is: 'ready' }
  | { is: 'resting'; until: number }
  | { is: 'assigned'; attempt: Attempt }
  | { is: 'finished'; attempt: Attempt; outcome: Outcome; at: number }
  | { is: 'failed'; failure: Failure; at: number }
  | { is: 'skipped'; because: string }

export interface Failure {
  /** Besides what agents report: `lost` (the lease ran out) and `malformed` (the reply could not be read). */
  code: FailureCode | 'lost' | 'malformed'
  detail: string
}

export interface Attempt {
  task: Task
  /** From 1. */
  number: number
  agent: Agent
  sliceMicros: number
  startedAt: number
  leaseUntil: number
  state: 'open' | 'vanished' | 'settled'
  /** What it has cost, once settled; its slice while it is vanished. */
  costMicros: number
  /** Why it brought no result. */
  failure?: Failure
}
