import { describe, expect, test } from 'vitest'
import { runSeed } from './run-seed.ts'
import { SABOTAGES } from './sabotage.ts'
import { addSeed, newTally } from './tally.ts'

/** Steps of the share that runs with every `npm test`; `npm run simulate` runs as many as you like. */
const STEPS_MAX = Number(process.env.SIMULATION_STEPS ?? 200_000)
const SECONDS_MAX = Number(process.env.SIMULATION_SECONDS ?? 45)
const FAULTY_STEPS = 1_500
const SABOTAGED_SEEDS_MAX = 400

test('nothing is lost, doubled, forged or overspent, and every session ends', {
  timeout: 900_000,
}, async () => {
  const until = performance.now() + SECONDS_MAX * 1_000
  const tally = newTally()
  for (let seed = 1; tally.steps < STEPS_MAX && performance.now() < until; seed++) {
    addSeed(tally, await runSeed(seed, FAULTY_STEPS))
    expect(tally.failed, `npm run simulate -- --seed ${seed} --steps ${FAULTY_STEPS}`).toEqual([])
  }
  expect(tally.endings.completed).toBeGreaterThan(tally.seeds / 2)
})

test.each([22, 28, 200])('seed %i runs the same again, byte for byte', async (seed) => {
  const once = await runSeed(seed, FAULTY_STEPS)
  const again = await runSeed(seed, FAULTY_STEPS)
  expect(once.violation).toBeNull()
  expect(once.steps).toBeGreaterThan(100)
  expect(again).toEqual(once)
})

test('another seed runs otherwise', async () => {
  const [one, other] = [await runSeed(1, FAULTY_STEPS), await runSeed(2, FAULTY_STEPS)]
  expect(one.trace).not.toBe(other.trace)
})

describe('without a guard the simulation fails', () => {
  const rules = {
    'sync off': 'durable',
    'fence removed': 'fence',
    'admission removed': 'admitted once',
    'accept-once removed': 'accepted once',
    'reservation ignored': 'budget',
  }

  test.each(Object.entries(SABOTAGES))('%s', async (name, sabotage) => {
    const rule = rules[name as keyof typeof rules]
    const broken: string[] = []
    for (let seed = 1; seed <= SABOTAGED_SEEDS_MAX && !broken.includes(rule); seed++) {
      const { violation } = await runSeed(seed, FAULTY_STEPS, { sabotage, realSignatures: false })
      if (violation !== null) broken.push(violation.rule)
    }
    expect(broken).toContain(rule)
  })
})
