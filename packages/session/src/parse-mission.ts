import { checkMission, type MissionFault } from './check-mission.ts'
import { type Fault, formatPath, type Path } from './fault.ts'
import { type FaultAt, type Located, type LocatedYaml, readLocatedYaml } from './located-yaml.ts'
import type { Mission } from './mission.ts'

export type ParsedMission = { ok: true; mission: Mission } | { ok: false; faults: Fault[] }

export interface ParseMissionOptions {
  /** False when the agents are functions that bring what they know. Left out: true. */
  evidenceRequired?: boolean
}

/** UTF-16 code units of a mission file: room for 20,000 tasks of 100 characters. */
export const MISSION_CHARACTERS_MAX = 2 * 1_048_576
/** Nobody reads more; a last one then says how many there are. */
export const FAULTS_MAX = 100

/** Reads a mission file. Gives all its faults at once, in order of position; never throws. */
export function parseMission(text: string, file: string, options: ParseMissionOptions = {}): ParsedMission {
  const refuse = (message: string): ParsedMission => ({
    ok: false,
    faults: [{ file, line: 1, column: 1, path: '', message }],
  })
  if (text.length > MISSION_CHARACTERS_MAX) {
    return refuse(
      'has more than 2 MiB, so it is not read; is it a mission? Evidence belongs in files of its own',
    )
  }
  if (text.includes('\0')) return refuse('is not UTF-8 text; save it as UTF-8')

  const yaml = readLocatedYaml(text)
  if (!yaml.readable) return { ok: false, faults: show(yaml.faults, file, yaml) }
  if (yaml.value === null && yaml.faults.length === 0) {
    return refuse('is empty; a mission needs at least mission, objective and evidence')
  }
  const where = (path: Path) => `line ${yaml.place(find(yaml.root, path).found.offset).line}`
  const { mission, faults } = checkMission(yaml.value, {
    evidenceRequired: options.evidenceRequired ?? true,
    where,
  })
  const all = [...yaml.faults, ...faults.map((fault) => locate(fault, yaml.root))]
  return mission === null || all.length > 0
    ? { ok: false, faults: show(all, file, yaml) }
    : { ok: true, mission }
}

interface Found {
  found: Located
  /** How much of the path there is. */
  depth: number
}

function find(root: Located, path: Path): Found {
  let found = root
  let depth = 0
  for (const part of path) {
    const member = found.members.get(part)
    if (member === undefined) break
    found = member
    depth++
  }
  return { found, depth }
}

/**
 * A key that is missing is named in full, at the mapping that lacks it. A part of a short form (`agents: 0` has
 * no `worker.count`) is named as far as it is written.
 */
function locate(fault: MissionFault, root: Located): FaultAt {
  const { found, depth } = find(root, fault.path)
  const written =
    depth === fault.path.length || found.is === 'mapping' ? fault.path : fault.path.slice(0, depth)
  const offset = fault.ofKey && depth === fault.path.length ? found.keyOffset : found.offset
  return { offset, path: formatPath(written), message: fault.message }
}

function show(faults: readonly FaultAt[], file: string, yaml: LocatedYaml): Fault[] {
  const once = new Map<string, FaultAt>()
  for (const fault of faults) {
    // One value may break several rules of one kind; the first says what it must be.
    const key = fault.path === '' ? `${once.size}` : `${fault.offset} ${fault.path}`
    if (!once.has(key)) once.set(key, fault)
  }
  const ordered = [...once.values()].sort((a, b) => a.offset - b.offset)
  const shown = ordered.slice(0, FAULTS_MAX).map((fault): Fault => {
    const message = typeof fault.message === 'string' ? fault.message : fault.message()
    return { file, ...yaml.place(fault.offset), path: fault.path, message }
  })
  const last = ordered[FAULTS_MAX]
  if (last === undefined) return shown
  const message = `and ${ordered.length - FAULTS_MAX} more faults from here on; correct these first`
  return [...shown, { file, ...yaml.place(last.offset), path: '', message }]
}
