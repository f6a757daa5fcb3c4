import { expect, it } from 'vitest'
import { newMoneyTally, playSchedule } from './play-schedule.ts'

const SCHEDULES = 300

it(`accounts for every micro-dollar in ${SCHEDULES} schedules, and overspends in none`, () => {
  const tally = newMoneyTally()
  const faults = Array.from({ length: SCHEDULES }, (_, i) => {
    const fault = playSchedule(i + 1, tally)
    return fault === null ? [] : [`seed ${i + 1}: ${fault}`]
  })
  expect(faults.flat()).toEqual([])
  // What was to be tried was tried.
  expect(tally.agentsMost).toBeGreaterThan(500)
  expect(tally.outOfBudget).toBeGreaterThan(10)
  for (const what of ['crashes', 'doubled', 'late', 'vanished', 'overReported', 'priceChanges'] as const) {
    expect(tally[what]).toBeGreaterThan(100)
  }
})
