import { DriverError } from '@infrafabric/ports'
import { expect, test } from 'vitest'
import type { LifeOptions } from './testing/drill.ts'
import { CALL_MICROS, Drill } from './testing/drill.ts'
import { answerOf, entriesOf, sessionOf } from './testing/outcomes.ts'

const tasks = { a: [], b: ['a'], c: [] }
const answers = ['a: answer to a', 'b: answer to b', 'c: answer to c']

const open = (seed = 1) => new Drill({ tasks, seed }).open()

test('a session runs to its end in a world of its own', async () => {
  const drill = await open()
  const session = sessionOf(await drill.run())
  expect(session.phase).toEqual({ is: 'stopped', why: { is: 'completed' } })
  expect(session.tasks.map(answerOf)).toEqual(answers)
  expect(session.budget.spent).toBe(3 * CALL_MICROS)
  expect(drill.model.billed.toSorted()).toEqual(['a', 'b', 'c'])
  expect(drill.notices.filter(({ kind }) => kind === 'alarm')).toEqual([])
})

test('the same seed brings the same journal, byte for byte', async () => {
  const journals = []
  for (const drill of [await open(7), await open(7)]) {
    await drill.run({ crashAt: { call: 20, when: 'after' } })
    sessionOf(await drill.run())
    journals.push(await entriesOf(drill))
  }
  expect(journals[0]).toEqual(journals[1])
})

/** Lives once with a fault at each call in turn, then once more where that was not enough, and checks what came of it. */
async function faultAtEachCall(fault: (call: number) => LifeOptions): Promise<number> {
  for (let call = 1; ; call++) {
    const drill = await open(call)
    const first = await drill.run(fault(call))
    const { calls } = drill
    const session = sessionOf(first.is === 'stopped' ? first : await drill.run())
    const what = `fault at call ${call}`
    expect(session.tasks.map(answerOf), what).toEqual(answers)
    expect(await drill.read(), what).toMatchObject({ phase: { is: 'stopped', why: { is: 'completed' } } })
    const finished = drill.notices.filter(({ kind }) => kind === 'finished')
    expect(finished.length, what).toBeLessThanOrEqual(3)

    const { budget, ledger } = session
    const unknown = [...ledger.values()].reduce((sum, line) => sum + line.callsUnknown, 0)
    expect(budget, what).toMatchObject({ reserved: 0, unreconciled: 0 })
    // A call whose fate is unknown counts at its ceiling; any other is made once and paid once.
    expect(budget.spent, what).toBe(3 * CALL_MICROS + unknown * 4_000)
    expect(drill.model.billed.length, what).toBeLessThanOrEqual(3 + unknown)
    expect(budget.spent, what).toBeGreaterThanOrEqual(drill.model.billed.length * CALL_MICROS)
    if (call > calls) return call
  }
}

test.each(['before', 'after'] as const)(
  'a process that dies right %s any of its calls loses nothing, doubles nothing and pays no finished call again',
  async (when) => {
    const calls = await faultAtEachCall((call) => ({ crashAt: { call, when } }))
    expect(calls).toBeGreaterThan(30)
  },
)

test('a process that dies again while it recovers loses nothing either', async () => {
  for (let second = 1; second < 40; second += 3) {
    const drill = await open(second)
    await drill.run({ crashAt: { call: 25, when: 'after' } })
    await drill.run({ crashAt: { call: second, when: 'before' } })
    expect(sessionOf(await drill.run()).tasks.map(answerOf)).toEqual(answers)
  }
})

test.each(['rejected', 'lost'] as const)(
  'any call of a port may be %s: what stops the process stops it before something is lost',
  async (fate) => {
    const calls = await faultAtEachCall((at) => ({ fateOf: (_, __, call) => (call === at ? fate : 'done') }))
    expect(calls).toBeGreaterThan(30)
  },
)

test('an append whose answer was lost is read back, and the session goes on', async () => {
  let appends = 0
  const drill = await open()
  const ending = await drill.run({
    fateOf: (_, method) => (method === 'append' && ++appends === 3 ? 'lost' : 'done'),
  })
  expect(sessionOf(ending).tasks.map(answerOf)).toEqual(answers)
})

test('a disk that is full at any put stops the session, which goes on when there is room', async () => {
  for (let full = 1; full <= 6; full++) {
    let puts = 0
    const drill = await new Drill({
      tasks,
      wrap: (disk) => {
        const { objects } = disk
        const put: typeof objects.put = async (key, body) => {
          if (++puts === full) throw new DriverError('full', 'put', 'the disk is full')
          return objects.put(key, body)
        }
        const { get, has, list } = objects
        return {
          ...disk,
          objects: {
            bodyBytesMax: objects.bodyBytesMax,
            put,
            get: get.bind(objects),
            has: has.bind(objects),
            list: list.bind(objects),
          },
        }
      },
    }).open()
    expect(await drill.run()).toMatchObject({ is: 'failed', error: { code: 'full' } })
    expect(sessionOf(await drill.run()).tasks.map(answerOf)).toEqual(answers)
  }
})
