import { readFileSync } from 'node:fs'
import { canonicalize, isJsonObject, type Json } from '@infrafabric/protocol'
import {
  formatDuration,
  formatFault,
  formatUsd,
  JOURNAL_FORMAT,
  type Mission,
  parseMission,
  planFault,
  TASKS_MAX,
} from '@infrafabric/session'
import { parse, stringify } from 'yaml'
import { readEntry } from '../../../packages/audit/src/read-entry.ts'
import { type Decoder, demand, type Target } from '../decoder.ts'
import { mutateJson } from '../mutate-json.ts'
import { mutateText } from '../mutate-text.ts'
import type { Random } from '../random.ts'

const root = new URL('../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const documented = [...read('docs/mission.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
  ([, yaml = '']) => yaml,
)
const seeds = [read('examples/navidocs/mission.yaml'), ...documented].filter(
  (text) => parseMission(text, 'f').ok,
)
const values = seeds.map((text) => parse(text) as Json)

const YAML_TRICKS = [
  '&a ',
  '*a',
  '<<: *a',
  '!!binary ',
  '!!js/function ',
  '!!float ',
  '!x ',
  '%YAML 1.1\n---\n',
  '---\n',
  '...\n',
  '? ',
  '|\n',
  '>-\n',
  '# ',
  '\t',
  '~',
  'yes',
  '0o17',
  '0x1F',
  '.inf',
  '.nan',
  '2001-01-01',
  '12:30:45',
  '{a: b, ',
  '[&a [*a, *a], ',
  'a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n',
  '__proto__: {x: 1}\n',
  '"\\ud800"',
  '\ufeff',
  '\u2028',
]

function generate(random: Random): string {
  const seed = random.pick(seeds)
  switch (random.below(4)) {
    case 0:
      return mutateText(random, seed, seeds)
    case 1: {
      const at = random.below(seed.length + 1)
      const trick = random.pick(YAML_TRICKS).repeat(random.chance(0.03) ? 1 + random.below(300) : 1)
      return `${seed.slice(0, at)}${trick}${seed.slice(at)}`
    }
    case 2: {
      const lines = seed.split('\n')
      const at = random.below(lines.length)
      const line = lines[at] ?? ''
      lines[at] = random.chance(0.5) ? `${' '.repeat(random.below(4))}${line}` : line.replace(/^ {1,2}/, '')
      return random.chance(0.5) ? lines.join('\n') : mutateText(random, lines.join('\n'), YAML_TRICKS)
    }
    default: {
      const mutant = mutateJson(random, random.pick(values), values)
      return random.chance(0.3) ? JSON.stringify(mutant) : stringify(mutant)
    }
  }
}

/** As a user could have written it. */
function writeMission(mission: Mission): string {
  const prices = Object.entries(mission.prices).map(([name, { input, output, cacheRead, cacheWrite }]) => [
    name,
    {
      input: formatUsd(input),
      output: formatUsd(output),
      cache_read: formatUsd(cacheRead),
      cache_write: formatUsd(cacheWrite),
    },
  ])
  return stringify({
    mission: mission.name,
    objective: mission.objective,
    evidence: mission.evidence,
    agents: mission.agents,
    budget: mission.budgetMicros === null ? null : formatUsd(mission.budgetMicros),
    deadline: mission.deadlineMs === null ? null : formatDuration(mission.deadlineMs),
    attempts: mission.attemptsMax,
    timeout: formatDuration(mission.attemptTimeoutMs),
    tasks: mission.tasks,
    prices: Object.fromEntries(prices),
  })
}

function opening(mission: Mission): string {
  const terms = { model: 'extractive', price: null, callsMax: 0, inputTokensMax: 0, outputTokensMax: 0 }
  return canonicalize({
    kind: 'opened',
    v: JOURNAL_FORMAT,
    at: 0,
    session: 'fuzz-1',
    mission: mission as unknown as Json,
    terms: { planner: terms, worker: terms, synthesizer: terms },
    synthesize: true,
    operatorKey: 'A'.repeat(43),
    software: 'fuzz',
  })
}

function open(): Target {
  return {
    generate: (random) => ({ data: generate(random), resigned: false }),
    judge({ data }) {
      const parsed = parseMission(String(data), 'mission.yaml')
      if (!parsed.ok) {
        demand(parsed.faults.length > 0 && parsed.faults.length <= 101, `${parsed.faults.length} faults`)
        for (const fault of parsed.faults) {
          const shown = formatFault(fault)
          demand(shown.length < 2_000, 'a fault that nobody can read')
          demand(
            shown.isWellFormed() && !/[\p{Cc}\u202e\u2066]/u.test(shown),
            'a fault with control characters',
          )
          demand(fault.line >= 1 && fault.column >= 1, 'a fault without its place')
        }
        return 'refused'
      }
      const { mission } = parsed
      const { tasks } = mission
      demand(tasks.length === 0 || planFault(tasks, TASKS_MAX) === null, 'its tasks are no plan')
      const again = parseMission(writeMission(mission), 'again')
      demand(again.ok, 'it is not read back as it is written')
      const body = opening(mission)
      const fault = readEntry(body)
      demand(fault.ok, `the audit could not read its journal: ${fault.ok ? '' : fault.detail}`)
      // Prices that a user sets name their source; all else must be the same to the last character.
      demand(opening(again.mission) === body, 'another mission is read back')
      demand(isJsonObject(JSON.parse(body) as Json), 'no object')
      return 'accepted'
    },
  }
}

export const missionDecoder: Decoder = { name: 'mission', share: 0.03, hangMs: 15_000, open }
