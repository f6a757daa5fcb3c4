import type { z } from 'zod'
import { type Fault, formatPath, type Path } from './fault.ts'
import { type FaultAt, type Located, type LocatedYaml, readLocatedYaml } from './located-yaml.ts'
import type { Mission } from './mission.ts'
import { brokenRules } from './mission-rules.ts'
import { type CheckedMissionFile, knownKeys, missionSchema } from './mission-schema.ts'
import { didYouMean } from './suggest.ts'
import type { ModelPrice } from './work.ts'

export type ParsedMission = { ok: true; mission: Mission } | { ok: false; faults: Fault[] }

export interface ParseMissionOptions {
  /** False when the agents are functions that bring what they know. Left out: true. */
  evidenceRequired?: boolean
}

/** UTF-16 code units of a mission file: room for 20,000 tasks of 200 characters. */
export const MISSION_CHARACTERS_MAX = 4 * 1_048_576
/** Nobody reads more; the last one then says that there are more. */
export const FAULTS_MAX = 100

/** Reads a mission file. Gives all its faults at once, in order of position; never throws. */
export function parseMission(text: string, file: string, options: ParseMissionOptions = {}): ParsedMission {
  const early = unreadable(text)
  if (early !== null) return { ok: false, faults: [{ file, line: 1, column: 1, path: '', message: early }] }

  const yaml = readLocatedYaml(text)
  if (!yaml.readable) return { ok: false, faults: show(yaml.faults, file, yaml.place) }
  const where = (path: Path) => `line ${yaml.place(find(yaml.root, path).offset).line}`
  const { faults, checked } = check(yaml.value, { evidenceRequired: options.evidenceRequired ?? true, where })
  const all = [...yaml.faults, ...faults.map((fault) => locate(fault, yaml))]
  if (all.length > 0 || checked === undefined) return { ok: false, faults: show(all, file, yaml.place) }
  return { ok: true, mission: toMission(checked) }
}

function unreadable(text: string): string | null {
  if (text.length > MISSION_CHARACTERS_MAX) {
    return `has more than ${MISSION_CHARACTERS_MAX / 1_048_576} MiB, so it is not read; is it a mission file? Evidence belongs in files of its own`
  }
  if (text.includes('\0')) return 'is not UTF-8 text; save it as UTF-8'
  if (
    /^(?:\s|#.*|---|\.\.\.)*$/.test(text.replace(/^\uFEFF/, '').slice(0, 100_000)) &&
    !/[^\s]/.test(stripComments(text))
  ) {
    return 'is empty; a mission needs at least mission, objective and evidence'
  }
  return null
}

function stripComments(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/^(?:---|\.\.\.)?[ \t]*(?:#.*)?$/gm, '')
}
