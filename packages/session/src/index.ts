export { type BoundedRequest, inputTokensBound } from './bound.ts'
export { type Budget, type LedgerLine, noUsage, WARN_AT_PERCENT } from './budget.ts'
export {
  type Charge,
  type FailureCode,
  type Parsed,
  parseOutcome,
  parseReply,
  type TaskFailure,
  type TaskRequest,
  type TaskResult,
} from './contents.ts'
export type { Notice, Step } from './decision.ts'
export { COORDINATOR, OPERATOR } from './drafts.ts'
export { formatDuration, parseDuration } from './duration.ts'
export { type ClaimCheck, claimCheckOf, type Entry, eventOf, inboundOf, JOURNAL_FORMAT } from './entry.ts'
export type { Inbound, Opened, SessionEvent } from './event.ts'
export { type Fault, formatFault } from './fault.ts'
export { type AgentSpec, type Mission, PLANNED_TASKS_MAX, TASKS_MAX } from './mission.ts'
export { defaultMission } from './mission-defaults.ts'
export { missionFromObject } from './mission-from-object.ts'
export { missionFromQuestion } from './mission-from-question.ts'
export type { MissionFile } from './mission-schema.ts'
export { costMicros, formatUsd, MoneyError, parseUsd, usageFault, worstCaseMicros } from './money.ts'
export { agentNames, openSession, PLAN_TASK, ROLES, SYNTHESIS_TASK } from './open-session.ts'
export { type ParsedMission, type ParseMissionOptions, parseMission } from './parse-mission.ts'
export { planFault } from './plan.ts'
export { nextWakeAt } from './schedule.ts'
export type { SourceFault, SourceRecord } from './source.ts'
export {
  type Agent,
  type Attempt,
  type Failure,
  isFinal,
  isOver,
  type Phase,
  type Session,
  type Stop,
  type Task,
  type TaskStatus,
} from './state.ts'
export { step } from './step.ts'
export { didYouMean } from './suggest.ts'
export { callCeilingMicros, sliceMicros, type Terms } from './terms.ts'
export type { ModelPrice, Outcome, PlannedTask, RateLimits, Role, Usage } from './work.ts'
