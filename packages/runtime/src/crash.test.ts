import type { Session, Task } from '@infrafabric/session'
import { expect, test } from 'vitest'
import { CALL_MICROS, Drill, type Ending } from './testing/drill.ts'

const tasks = { a: [], b: ['a'], c: [] }

async function undisturbed() {
  const drill = await new Drill({ tasks }).open()
  return { drill, ending: await drill.run() }
}

function sessionOf(ending: Ending): Session {
  if (ending.is === 'failed') throw ending.error
  if (ending.is === 'died') throw new Error('the process died')
  return ending.session
}

function answerOf({ id, status }: Task): string {
  return `${id}: ${status.is === 'finished' ? status.outcome.answer : JSON.stringify({ ...status, attempt: 0 })}`
}

test('a session runs to its end in a world of its own', async () => {
  const { drill, ending } = await undisturbed()
  const session = sessionOf(ending)
  expect(session.phase).toEqual({ is: 'stopped', why: { is: 'completed' } })
  expect(session.budget.spent).toBe(3 * CALL_MICROS)
  expect(drill.model.billed.toSorted()).toEqual(['a', 'b', 'c'])
  expect(drill.notices.filter(({ kind }) => kind === 'alarm')).toEqual([])
})

test('the same seed brings the same journal, byte for byte', async () => {
  const journalOf = async () => {
    const { drill } = await undisturbed()
    const rows = []
    for await (const row of drill.disk.journal.read('drill-7f3k')) rows.push(row)
    return rows
  }
  expect(await journalOf()).toEqual(await journalOf())
})

test.each(['before', 'after'] as const)(
  'a process that dies right %s any of its calls loses nothing, doubles nothing and pays no finished call again',
  async (when) => {
    const expected = sessionOf((await undisturbed()).ending).tasks.map(answerOf)
    for (let call = 1; ; call++) {
      const drill = await new Drill({ tasks, seed: call }).open()
      const first = await drill.run({ crashAt: { call, when } })
      const session = sessionOf(first.is === 'died' ? await drill.run() : first)
      if (call > drill.calls && first.is !== 'died') return expect(call).toBeGreaterThan(30)
      const what = `died ${when} call ${call}`
      expect(session.tasks.map(answerOf), what).toEqual(expected)
      const { budget } = session
      expect(budget.reserved, what).toBe(0)
      // What was billed is what was charged, or less: a call whose fate is unknown counts at its ceiling.
      const billed = drill.model.billed.length * CALL_MICROS
      expect(budget.spent, what).toBeGreaterThanOrEqual(billed)
      const unknown = [...session.ledger.values()].reduce((sum, line) => sum + line.callsUnknown, 0)
      expect(budget.spent, what).toBe(3 * CALL_MICROS + unknown * 4_000)
      expect(drill.model.billed.length, what).toBeLessThanOrEqual(3 + unknown)
    }
  },
)
