import { checkMission } from './check-mission.ts'
import { formatPath } from './fault.ts'
import type { MissionFile } from './mission-schema.ts'
import type { ParsedMission, ParseMissionOptions } from './parse-mission.ts'

/** The mission that an object means which is written like a mission file. Faults have no place, since there is no file. */
export function missionFromObject(written: MissionFile, options: ParseMissionOptions = {}): ParsedMission {
  const where = () => 'this mission'
  const { mission, faults } = checkMission(written, {
    evidenceRequired: options.evidenceRequired ?? true,
    where,
  })
  if (mission !== null) return { ok: true, mission }
  return {
    ok: false,
    faults: faults.map(({ path, message }) => ({
      file: '',
      line: 0,
      column: 0,
      path: formatPath(path),
      message: message(),
    })),
  }
}
