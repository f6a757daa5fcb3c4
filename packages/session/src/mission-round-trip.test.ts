import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { formatDuration } from './duration.ts'
import type { Mission } from './mission.ts'
import { formatUsd } from './money.ts'
import { parseMission } from './parse-mission.ts'

const word = fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}$/)
const line = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((text) => text.trim() !== '' && !/\p{Cc}|[\uFFFD-\uFFFF]/u.test(text))
const lines = fc.array(line, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('\n'))
const modelName = fc.tuple(word, word).map(([provider, model]) => `${provider}/${model}`)
const model = fc.oneof(fc.constant('auto'), fc.constant('extractive'), modelName)
const micros = fc.integer({ min: 0, max: 1_000_000_000_000 })

const single = fc.record({ count: fc.constant(1), concurrency: fc.integer({ min: 1, max: 100 }), model })
const worker = fc.record({
  count: fc.integer({ min: 1, max: 1_000 }),
  concurrency: fc.integer({ min: 1, max: 100 }),
  model,
})

/** Tasks that need only earlier ones: no circle is possible. */
const tasks = fc
  .uniqueArray(fc.tuple(word, lines, fc.array(fc.nat(), { maxLength: 3 })), {
    selector: ([id]) => id,
    maxLength: 8,
  })
  .map((drafts) =>
    drafts.map(([id, question, picks], index) => {
      const needs = index === 0 ? [] : picks.map((pick) => drafts[pick % index]?.[0] ?? '')
      return { id, question, needs: [...new Set(needs)] }
    }),
  )

const prices = fc
  .dictionary(modelName, fc.record({ input: micros, output: micros, cacheRead: micros, cacheWrite: micros }))
  .map((each) =>
    Object.fromEntries(
      Object.entries(each).map(([name, price]) => [name, { model: name, ...price, source: 'mission file' }]),
    ),
  )

const missions: fc.Arbitrary<Mission> = fc
  .record({
    name: word.filter((name) => name.length <= 40),
    objective: lines,
    evidence: fc.array(line, { minLength: 1, maxLength: 5 }),
    agents: fc.record({ planner: single, worker, synthesizer: single }),
    budgetMicros: fc.option(fc.integer({ min: 1, max: 1_000_000_000_000 })),
    deadlineMs: fc.option(fc.integer({ min: 1_000, max: 2_592_000_000 })),
    attemptsMax: fc.integer({ min: 1, max: 10 }),
    attemptTimeoutMs: fc.integer({ min: 1_000, max: 3_600_000 }),
    tasks,
    prices,
  })
  .map((mission) => ({
    ...mission,
    attemptTimeoutMs: Math.min(mission.attemptTimeoutMs, mission.deadlineMs ?? mission.attemptTimeoutMs),
  }))

function writeMission(mission: Mission, dollars: (micros: number) => string | number): string {
  const prices = Object.entries(mission.prices).map(([name, price]) => [
    name,
    {
      input: dollars(price.input),
      output: dollars(price.output),
      cache_read: dollars(price.cacheRead),
      cache_write: dollars(price.cacheWrite),
    },
  ])
  return stringify({
    mission: mission.name,
    objective: mission.objective,
    evidence: mission.evidence,
    agents: mission.agents,
    budget: mission.budgetMicros === null ? null : dollars(mission.budgetMicros),
    deadline: mission.deadlineMs === null ? null : formatDuration(mission.deadlineMs),
    attempts: mission.attemptsMax,
    timeout: formatDuration(mission.attemptTimeoutMs),
    tasks: mission.tasks,
    prices: Object.fromEntries(prices),
  })
}

test.each([
  ['texts', formatUsd],
  ['numbers', (micros: number) => Number(formatUsd(micros).slice(1))],
])('any mission that is written as YAML, amounts as %s, is read back as itself', (_, dollars) => {
  fc.assert(
    fc.property(missions, (mission) => {
      expect(parseMission(writeMission(mission, dollars), 'f')).toEqual({ ok: true, mission })
    }),
    { numRuns: 150 },
  )
})
