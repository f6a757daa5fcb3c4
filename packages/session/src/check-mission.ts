import type { z } from 'zod'
import type { Path } from './fault.ts'
import type { Mission } from './mission.ts'
import { brokenRules, type RuleOptions } from './mission-rules.ts'
import { type CheckedMissionFile, knownKeys, missionSchema } from './mission-schema.ts'
import { didYouMean } from './suggest.ts'
import type { ModelPrice } from './work.ts'

export interface MissionFault {
  path: Path
  /** Whether the key itself is wrong, not its value. */
  ofKey: boolean
  message(): string
}

/** The mission that a written one means, or everything that is wrong with it, in no order. */
export function checkMission(
  written: unknown,
  options: RuleOptions,
): { mission: Mission; faults: [] } | { mission: null; faults: MissionFault[] } {
  const parsed = missionSchema.safeParse(written)
  const faults = [
    ...(parsed.error?.issues ?? []).flatMap(fromIssue),
    ...brokenRules(written, options).map((rule) => ({ ...rule, ofKey: false })),
  ]
  if (parsed.data === undefined || faults.length > 0) return { mission: null, faults }
  return { mission: toMission(parsed.data), faults: [] }
}

function fromIssue(issue: z.core.$ZodIssue): MissionFault[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      ofKey: true,
      message: () => unknownKey(path, key),
    }))
  }
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
  return [{ path, ofKey: issue.code === 'invalid_key', message: () => message }]
}

function unknownKey(path: Path, key: string): string {
  const known = knownKeys(path)
  const hint = didYouMean(key, known)
  return `is not a key of a mission${hint === '' ? ` here; remove it, or use one of ${known.join(', ')}` : hint}`
}

function toMission(file: CheckedMissionFile): Mission {
  const prices = Object.entries(file.prices).map(([model, price]): [string, ModelPrice] => [
    model,
    {
      model,
      input: price.input,
      cacheRead: price.cache_read ?? price.input,
      cacheWrite: price.cache_write ?? price.input,
      output: price.output,
      source: 'mission file',
    },
  ])
  return {
    name: file.mission,
    objective: file.objective,
    evidence: file.evidence,
    agents: file.agents,
    budgetMicros: file.budget,
    deadlineMs: file.deadline,
    attemptsMax: file.attempts,
    attemptTimeoutMs: Math.min(file.timeout, file.deadline ?? file.timeout),
    tasks: file.tasks,
    prices: Object.fromEntries(prices),
  }
}
