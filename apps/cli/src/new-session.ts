import { randomBytes } from 'node:crypto'
import type { AgentProgram } from '@infrafabric/runtime'
import {
  formatFault,
  formatUsd,
  type Mission,
  type MissionFile,
  missionFromObject,
  type Role,
  type Terms,
} from '@infrafabric/session'
import type { FunctionAgents } from './compose.ts'
import { leastBudgetMicros } from './terms-for.ts'
import { UserError } from './user-error.ts'

/** A mission given as an object, written like a mission file or parsed already. */
export function checkedMission(written: Mission | MissionFile, functions: FunctionAgents): Mission {
  if ('name' in written) return written
  const parsed = missionFromObject(written, { evidenceRequired: functions.worker === undefined })
  if (parsed.ok) return parsed.mission
  throw new UserError(parsed.faults.map(formatFault).join('\n'))
}

/** Roles that have work in a session of this mission. */
export function rolesOf(mission: Mission, synthesize: boolean): Role[] {
  const roles: Role[] = ['worker']
  if (mission.tasks.length === 0) roles.push('planner')
  if (synthesize) roles.push('synthesizer')
  return roles
}

/** A wrong key or model is found before anything is spent. Rejects with ModelError. */
export async function checkModels(programs: Record<Role, AgentProgram>, signal: AbortSignal): Promise<void> {
  for (const model of new Set(Object.values(programs).map((program) => program.model))) {
    await model?.check(signal)
  }
}

/** A budget that cannot cover one call of each role is refused before anything is read. */
export function refuseSmallBudget(
  mission: Mission,
  terms: Record<Role, Terms>,
  roles: readonly Role[],
): void {
  if (mission.budgetMicros === null) return
  const least = leastBudgetMicros(terms, roles)
  if (mission.budgetMicros >= least) return
  throw new UserError(
    `the budget of ${formatUsd(mission.budgetMicros)} cannot cover one call, which may cost up to ${formatUsd(least)}: set at least --budget ${formatUsd(least).slice(1)}, or take a cheaper model`,
  )
}

const NAME_CHARACTERS_MAX = 56

/** Short and typeable, without letters that look alike. */
export function sessionId(mission: string): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const tail = [...randomBytes(4)].map((byte) => letters[byte % letters.length]).join('')
  return `${mission.slice(0, NAME_CHARACTERS_MAX).replace(/-+$/, '')}-${tail}`
}
