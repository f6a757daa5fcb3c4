import { DriverError } from '@infrafabric/ports'
import { expect, it } from 'vitest'
import { loadSession } from './load-session.ts'
import { nodePrimitives as primitives } from './node-primitives.ts'
import { raiseLimits } from './raise-limits.ts'
import { Drill, SESSION } from './testing/drill.ts'

/** A session that was opened a minute ago and stands still since, with a budget of $1 and a deadline of ten minutes. */
async function standing(deadlineMs: number | null = 600_000) {
  const drill = await new Drill({ tasks: { a: [] }, mission: { deadlineMs } }).open()
  const { journal, objects } = drill.disk
  const ports = { journal, objects, primitives }
  const load = () => loadSession(SESSION, ports, 'read')
  const loaded = await load()
  return { loaded, load, ports, openedAt: loaded.session.at, now: loaded.session.at + 60_000 }
}

it('journals a higher budget, which whoever loads the session sees', async () => {
  const { loaded, load, ports, now } = await standing()
  await raiseLimits(loaded, { budgetMicros: 2_000_000, deadlineMs: null }, ports, now)
  expect(loaded.session.budget.limit).toBe(2_000_000)
  const again = await load()
  expect(again.session.budget.limit).toBe(2_000_000)
  expect(again.head).toEqual(loaded.head)
})

it('counts a new deadline from now, and moves the old one by the pause', async () => {
  const first = await standing()
  await raiseLimits(first.loaded, { budgetMicros: null, deadlineMs: 5_000 }, first.ports, first.now)
  expect(first.loaded.session.deadlineAt).toBe(first.now + 5_000)
  const second = await standing()
  await raiseLimits(second.loaded, { budgetMicros: 2_000_000, deadlineMs: null }, second.ports, second.now)
  expect(second.loaded.session.deadlineAt).toBe(second.openedAt + 600_000 + 60_000)
  const third = await standing(null)
  await raiseLimits(third.loaded, { budgetMicros: 2_000_000, deadlineMs: null }, third.ports, third.now)
  expect(third.loaded.session.deadlineAt).toBeNull()
})

it('writes nothing when nothing is raised', async () => {
  const { loaded, ports, now } = await standing()
  const { head } = loaded
  await raiseLimits(loaded, { budgetMicros: null, deadlineMs: null }, ports, now)
  expect(loaded.head).toEqual(head)
  expect(await ports.journal.length(SESSION)).toBe(head.length)
})

it('rejects with conflict when somebody else went on meanwhile', async () => {
  const { loaded, load, ports, now } = await standing()
  await raiseLimits(await load(), { budgetMicros: 3_000_000, deadlineMs: null }, ports, now)
  const late = raiseLimits(loaded, { budgetMicros: 2_000_000, deadlineMs: null }, ports, now)
  await expect(late).rejects.toBeInstanceOf(DriverError)
  await expect(late).rejects.toMatchObject({ code: 'conflict' })
})
