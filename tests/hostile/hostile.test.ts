import { expect, it } from 'vitest'
import { attackSession, newHostileTally } from './attack-session.ts'

it('lets nothing escape: three sessions under 1,800 hostile messages of every kind', async () => {
  const tally = newHostileTally()
  const escapes: string[] = []
  for (const seed of [1, 2, 3]) escapes.push(...(await attackSession(seed, 600, tally)))
  expect(escapes).toEqual([])
  expect(tally.messages).toBeGreaterThanOrEqual(1_800)
  expect(tally.kinds.size).toBeGreaterThan(35)
  expect(tally.letIn).toBeGreaterThan(50)
})
