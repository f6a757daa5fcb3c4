import { expect, test } from 'vitest'
import { answer, charge, drive, missionOf, PRICED } from './testing/drive.ts'

// Found by the simulation, seed 10: an agent's key in the wrong hands.
test('what an agent reports never costs more than was set aside for it, and raises an alarm', () => {
  const driven = drive(missionOf({ a: [] }, { budgetMicros: 1_000 }), { terms: { worker: PRICED } }).epoch()
  driven.finish('a', answer('a'), [charge(1, 1_000_000_000, 0), charge(2, 0, 1_000_000_000)])
  expect(driven.session.budget).toMatchObject({ spent: 600, reserved: 0 })
  expect(driven.attempt('a').costMicros).toBe(600)
  expect(driven.noticed('alarm')[0]?.detail).toContain('claims to have cost more than its slice')
})
