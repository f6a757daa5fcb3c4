import type { Json } from '@infrafabric/protocol'
import { describe, expect, test } from 'vitest'
import { defaultMission } from './mission-defaults.ts'
import { nextWakeAt } from './schedule.ts'
import { answer, charge, drive, failureOf, missionOf, PRICED, resultOf } from './testing/drive.ts'
import { faultsOf } from './testing/invariants.ts'

const LEASE_MS = 300_000 + 30_000
const priced = { terms: { worker: PRICED } }

describe('tasks', () => {
  test('a task is assigned as soon as what it needs has finished', () => {
    const driven = drive(missionOf({ a: [], b: ['a'] })).epoch()
    expect(driven.said).toEqual(['request a 1'])
    expect(driven.finish('a').said).toEqual(['request b 1'])
    expect(driven.finish('b').session.phase).toEqual({ is: 'stopped', why: { is: 'completed' } })
  })

  test('a task is given the results of what it needs', () => {
    const driven = drive(missionOf({ a: [], b: ['a'] }))
      .epoch()
      .finish('a', answer('so it is'))
    expect(driven.drafts[0]?.content).toMatchObject({
      inputs: [{ task: 'a', question: 'a?', outcome: answer('so it is') }],
    })
  })

  test('a task that fails for good fails only what needs it', () => {
    const driven = drive(missionOf({ a: [], b: ['a'], c: ['b'], d: [] })).epoch()
    driven.fail('a', 'invalid-request').finish('d')
    expect(driven.statuses()).toEqual({ a: 'failed', b: 'skipped', c: 'skipped', d: 'finished' })
    expect(driven.session.phase).toEqual({ is: 'stopped', why: { is: 'completed' } })
  })

  test('a task that is needed twice by a failed one is skipped once', () => {
    const driven = drive(missionOf({ a: [], b: [], c: ['a', 'b'], d: ['c', 'a'] })).epoch()
    driven.fail('a', 'invalid-request').fail('b', 'invalid-request')
    expect(driven.statuses()).toEqual({ a: 'failed', b: 'failed', c: 'skipped', d: 'skipped' })
    expect(driven.session.tasksOpen).toBe(0)
  })

  test('a failed attempt rests, and is tried as often as the mission says', () => {
    const driven = drive(missionOf({ a: [] }, { attemptsMax: 2 }))
      .epoch()
      .fail('a', 'garbage')
    expect(driven.said).toEqual([])
    expect(nextWakeAt(driven.session)).toBeLessThanOrEqual(driven.now + 1_000)
    expect(driven.time(1_000).said).toEqual(['request a 2'])
    expect(driven.fail('a', 'garbage').statuses()).toEqual({ a: 'failed' })
  })

  test('a chain of 20,000 tasks is skipped to its end', () => {
    const tasks = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [`t${i}`, i === 0 ? [] : [`t${i - 1}`]]),
    )
    const driven = drive(missionOf(tasks)).epoch().fail('t0', 'invalid-request')
    expect(driven.task('t19999').status).toEqual({ is: 'skipped', because: 't0' })
    expect(driven.session.phase.is).toBe('stopped')
  })

  test('a chain of 20,000 tasks is done to its end', () => {
    const tasks = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [`t${i}`, i === 0 ? [] : [`t${i - 1}`]]),
    )
    const driven = drive(missionOf(tasks)).epoch()
    for (let i = 0; i < 20_000; i++) driven.finish(`t${i}`)
    expect(driven.session.phase).toEqual({ is: 'stopped', why: { is: 'completed' } })
  })
})

describe('synthesis', () => {
  test('it puts together what there is when some tasks failed', () => {
    const driven = drive(missionOf({ a: [], b: [] }), { synthesize: true }).epoch()
    driven.fail('a', 'invalid-request').finish('b')
    expect(driven.said).toEqual(['request _synthesis 1'])
    expect(driven.drafts[0]?.content).toMatchObject({ inputs: [{ outcome: null }, { outcome: answer('b') }] })
  })

  test('it is skipped when all tasks failed, the last one included', () => {
    const driven = drive(missionOf({ a: [], b: ['a'] }), { synthesize: true }).epoch()
    driven.fail('a', 'invalid-request')
    expect(driven.statuses()).toEqual({ a: 'failed', b: 'skipped', _synthesis: 'skipped' })
    expect(driven.session.phase.is).toBe('stopped')
  })

  test('it waits for the last task, also when that is a skipped one', () => {
    const driven = drive(missionOf({ a: [], b: [], c: ['b'] }), { synthesize: true }).epoch()
    expect(driven.finish('a').said).toEqual([])
    expect(driven.fail('b', 'invalid-request').said).toEqual(['request _synthesis 1'])
  })
})

describe('plans', () => {
  const plan = (...tasks: [id: string, needs: string[]][]) => ({
    ...answer(''),
    tasks: tasks.map(([id, needs]) => ({ id, question: `${id}?`, needs })),
  })

  test('the planner makes the tasks', () => {
    const driven = drive(missionOf({})).epoch()
    driven.finish('_plan', plan(['b', ['a']], ['a', []]))
    expect(driven.said).toEqual(['request a 1'])
  })

  test.each([
    ['none', plan()],
    ['a circle', plan(['a', ['b']], ['b', ['a']])],
    ['one that needs a stranger', plan(['a', ['z']])],
    ['one twice', plan(['a', []], ['a', []])],
    ['one with the name of the synthesis', plan(['_synthesis', []])],
  ])('a plan with %s is a failed attempt', (_, outcome) => {
    const driven = drive(missionOf({})).epoch().finish('_plan', outcome)
    expect(driven.noticed('attempt-failed')).toMatchObject([{ failure: { code: 'garbage' } }])
    expect(driven.session.tasks).toHaveLength(1)
    expect(faultsOf(driven.session)).toEqual([])
  })

  test('a worker that sends a plan plans nothing', () => {
    const driven = drive(missionOf({ a: [], b: [] }))
      .epoch()
      .finish('a', plan(['z', []]))
    expect(driven.statuses()).toEqual({ a: 'finished', b: 'assigned' })
  })

  test('a session whose planner fails for good stops', () => {
    const driven = drive(missionOf({})).epoch().fail('_plan', 'invalid-request')
    expect(driven.session.phase).toEqual({ is: 'stopped', why: { is: 'completed' } })
  })
})

describe('who may say what', () => {
  test('a result counts only from the agent that was given the attempt', () => {
    const driven = drive(missionOf({ a: [], b: [] })).epoch()
    driven.receive('h02', 'inform', resultOf('a', 1, answer('mine')))
    expect(driven.noticed('alarm')).toHaveLength(1)
    expect(driven.statuses()).toEqual({ a: 'assigned', b: 'assigned' })
  })

  test.each([0, 2, 99])('attempt %d, which was never made, has no result', (attempt) => {
    const driven = drive(missionOf({ a: [] })).epoch()
    driven.receive('h01', 'inform', resultOf('a', attempt, answer('mine')))
    expect(driven.statuses()).toEqual({ a: 'assigned' })
  })

  test('the operator may cancel, and nothing else', () => {
    const driven = drive(missionOf({ a: [] })).epoch()
    driven.receive('operator', 'inform', resultOf('a', 1, answer('mine')))
    driven.receive('operator', 'cancel', { kind: 'cancel' })
    expect(driven.session.phase.is).toBe('running')
    driven.cancel()
    expect(driven.time(10_000).session.phase).toEqual({ is: 'stopped', why: { is: 'cancelled' } })
  })

  test('a result that comes as a failure is no result', () => {
    const driven = drive(missionOf({ a: [] })).epoch()
    driven.receive('h01', 'failure', resultOf('a', 1, answer('mine')))
    expect(driven.statuses()).toEqual({ a: 'assigned' })
  })

  test('only the first result of a task counts, and the other attempt is told to stop', () => {
    const driven = drive(missionOf({ a: [] }))
      .epoch()
      .time(LEASE_MS)
      .time(1_000)
    expect(driven.task('a').attempts).toHaveLength(2)
    driven.receive('h01', 'inform', resultOf('a', 1, answer('late')))
    expect(driven.said).toEqual(['cancel a 2', 'cancel a 2'])
    driven.finish('a', answer('second'))
    expect(driven.task('a').status).toMatchObject({ is: 'finished', outcome: answer('late') })
  })

  test('a reply that cannot be read counts as a failure of what its agent has', () => {
    const driven = drive(missionOf({ a: [], b: [] }), priced)
    driven.session.budget.limit = 10_000
    driven.epoch().receive('h01', 'inform', { kind: 'result' })
    expect(driven.statuses()).toEqual({ a: 'resting', b: 'assigned' })
    expect(driven.session.budget).toMatchObject({ spent: 600, reserved: 600, unreconciled: 600 })
  })
})

describe('money', () => {
  const mission = missionOf({ a: [], b: [] }, { budgetMicros: 1_000 })

  test('an attempt is assigned only when its slice can be reserved', () => {
    const driven = drive(mission, priced).epoch()
    expect(driven.said).toEqual(['request a 1'])
    expect(driven.session.budget).toMatchObject({ reserved: 600, spent: 0 })
  })

  test('what an attempt did not use is free again', () => {
    const driven = drive(mission, priced)
      .epoch()
      .finish('a', answer('a'), [charge(1, 10, 5)])
    expect(driven.said).toEqual(['request b 1'])
    expect(driven.session.budget).toMatchObject({ reserved: 600, spent: 70 })
  })

  test('when the budget covers no further attempt the session stops, and goes on with more', () => {
    const driven = drive(mission, priced)
      .epoch()
      .finish('a', answer('a'), [charge(1, 100, 10), charge(2, 100, 10)])
    expect(driven.session.phase).toEqual({ is: 'stopped', why: { is: 'out-of-budget', sliceMicros: 600 } })
    expect(driven.raise(1_200).epoch().said).toEqual(['request b 1'])
  })

  test('a lower limit is no raise', () => {
    expect(drive(mission, priced).epoch().raise(10).session.budget.limit).toBe(1_000)
  })

  test('a vanished attempt is charged in full, until it is heard of', () => {
    const driven = drive(mission, priced).epoch().time(LEASE_MS)
    expect(driven.session.budget).toMatchObject({ spent: 600, reserved: 0, unreconciled: 600 })
    driven.receive('h01', 'failure', failureOf('a', 1, 'timeout', [charge(1, 10, 5)]))
    expect(driven.session.budget).toMatchObject({ spent: 70, unreconciled: 0 })
  })

  test('a call that is named twice is priced once, and stands in the bill once', () => {
    const driven = drive(mission, priced)
      .epoch()
      .finish('a', answer('a'), [charge(1, 10, 5), charge(1, 10, 5)])
    expect(driven.session.budget.spent).toBe(70)
    expect([...driven.session.ledger.values()]).toMatchObject([
      { calls: 1, usage: { inputTokens: 10, outputTokens: 5 }, micros: 70 },
    ])
  })

  test('a warning comes when vanished attempts bring the budget near its end', () => {
    const driven = drive(mission, priced).epoch().time(LEASE_MS)
    expect(driven.noticed('budget')).toMatchObject([{ percent: 50, spentMicros: 600 }])
  })

  test('without a budget nothing that costs is assigned', () => {
    const driven = drive(missionOf({ a: [] }), priced).epoch()
    expect(driven.session.phase).toMatchObject({ is: 'stopped', why: { is: 'out-of-budget' } })
  })
})

describe('time', () => {
  test('the deadline stops the session: attempts under way have a grace to say what they cost', () => {
    const driven = drive(missionOf({ a: [] }, { deadlineMs: 60_000 })).epoch()
    expect(nextWakeAt(driven.session)).toBe(driven.now + 60_000)
    expect(driven.time(60_000).said).toEqual(['cancel a 1'])
    driven.time(10_000)
    expect(driven.session.phase).toEqual({ is: 'stopped', why: { is: 'out-of-time' } })
  })

  test('the deadline counts the time in which somebody coordinates', () => {
    const driven = drive(missionOf({ a: [] }, { deadlineMs: 60_000 })).epoch()
    driven.now += 86_400_000
    expect(driven.epoch().session.phase.is).toBe('running')
  })

  test('the deadline holds for attempts that an interrupted session waits for', () => {
    const driven = drive(missionOf({ a: [] }, { deadlineMs: 60_000 }))
      .epoch()
      .interrupt()
    expect(nextWakeAt(driven.session)).toBe(driven.now + 60_000)
    expect(driven.time(60_000).said).toEqual(['cancel a 1'])
    expect(driven.time(10_000).session.phase).toEqual({ is: 'stopped', why: { is: 'interrupted' } })
  })

  test('a clock that is set back holds nothing up', () => {
    const driven = drive(missionOf({ a: [] }))
      .epoch()
      .fail('a', 'garbage')
    driven.time(-3_600_000)
    expect(nextWakeAt(driven.session)).toBeLessThanOrEqual(driven.now + 1_000)
    expect(driven.time(1_000).said).toEqual(['request a 2'])
    driven.time(-3_600_000).time(LEASE_MS)
    expect(driven.noticed('attempt-failed')).toMatchObject([{ failure: { code: 'lost' } }])
  })

  test('a clock that is set back does not lengthen the session: time that passed has passed', () => {
    const driven = drive(missionOf({ a: [] }, { deadlineMs: 60_000 }))
      .epoch()
      .time(50_000)
      .time(-3_600_000)
    driven.time(10_000).time(10_000)
    expect(driven.session.phase).toEqual({ is: 'stopped', why: { is: 'out-of-time' } })
  })

  test('a lease that was answered wakes nobody', () => {
    const driven = drive(missionOf({ a: [], b: ['a'] }))
      .epoch()
      .time(5_000)
      .finish('a')
    expect(nextWakeAt(driven.session)).toBe(driven.now + LEASE_MS)
  })
})

describe('stops', () => {
  test('an interrupted session waits for what is under way, and can be resumed', () => {
    const driven = drive(missionOf({ a: [], b: ['a'] }))
      .epoch()
      .interrupt()
    expect(driven.said).toEqual([])
    driven.finish('a')
    expect(driven.session.phase).toEqual({ is: 'stopped', why: { is: 'interrupted' } })
    expect(driven.epoch().said).toEqual(['request b 1'])
  })

  test('a session halted by a wrong key goes on where it was, without a try lost', () => {
    const driven = drive(missionOf({ a: [] }, { attemptsMax: 1 }))
      .epoch()
      .fail('a', 'unauthorized')
    expect(driven.session.phase).toMatchObject({ is: 'stopped', why: { is: 'halted', code: 'unauthorized' } })
    expect(driven.epoch().said).toEqual(['request a 2'])
  })

  test('a cancelled session stays cancelled when its coordinator dies', () => {
    const driven = drive(missionOf({ a: [], b: [] }))
      .epoch()
      .cancel()
      .epoch()
    expect(driven.said).toEqual(['cancel a 1', 'cancel b 1'])
    driven.fail('a', 'cancelled').fail('b', 'cancelled')
    expect(driven.session.phase).toEqual({ is: 'stopped', why: { is: 'cancelled' } })
    expect(driven.epoch().session.phase).toEqual({ is: 'stopped', why: { is: 'cancelled' } })
  })

  test('a cancel ends the wait of an interrupted session', () => {
    const driven = drive(missionOf({ a: [] }))
      .epoch()
      .interrupt()
      .cancel()
    expect(driven.said).toEqual(['cancel a 1'])
    driven.time(10_000)
    expect(driven.session.phase).toEqual({ is: 'stopped', why: { is: 'cancelled' } })
  })

  test('a new coordinator asks again for what is under way, and for nothing else', () => {
    const driven = drive(missionOf({ a: [], b: [], c: ['a'] }))
      .epoch()
      .finish('a')
      .epoch()
    expect(driven.said).toEqual(['request b 1', 'request c 1'])
    expect(driven.drafts.map(({ epoch, seq }) => [epoch, seq])).toEqual([
      [2, 1],
      [2, 2],
    ])
  })

  test('an attempt that outlived its coordinator has a whole lease again', () => {
    const driven = drive(missionOf({ a: [] })).epoch()
    driven.now += 10 * LEASE_MS
    expect(driven.epoch().said).toEqual(['request a 1'])
    driven.time(LEASE_MS - 1)
    expect(driven.statuses()).toEqual({ a: 'assigned' })
    driven.time(1)
    expect(driven.noticed('attempt-failed')).toMatchObject([{ failure: { code: 'lost' } }])
  })

  test('an agent of the earlier epoch may still answer, and its second answer changes nothing', () => {
    const driven = drive(missionOf({ a: [] }, { budgetMicros: 1_000 }), priced)
      .epoch()
      .epoch()
    driven.finish('a', answer('once'), [charge(1, 10, 5)]).finish('a', answer('twice'), [charge(1, 99, 9)])
    expect(driven.task('a').status).toMatchObject({ outcome: answer('once') })
    expect(driven.session.budget.spent).toBe(70)
  })
})

describe('the deadline', () => {
  test('costs an attempt that it stopped no try, and more time brings the task back', () => {
    const driven = drive(missionOf({ a: [] }, { deadlineMs: 60_000, attemptsMax: 1 })).epoch()
    driven.time(61_000)
    expect(driven.said).toEqual(['cancel a 1'])
    driven.time(11_000)
    expect(driven.session.phase).toEqual({ is: 'stopped', why: { is: 'out-of-time' } })
    expect(driven.statuses()).toEqual({ a: 'ready' })
    driven.raise(null, driven.now + 60_000).epoch()
    expect(driven.said).toEqual(['request a 2'])
  })

  test('lets nothing be assigned once it has passed, whatever else happens first', () => {
    const driven = drive(
      missionOf(
        { a: [], b: [] },
        {
          deadlineMs: 60_000,
          agents: { ...defaultMission().agents, worker: { count: 1, concurrency: 1, model: 'auto' } },
        },
      ),
    ).epoch()
    driven.time(61_000).time(11_000)
    driven.now += 5
    driven.feed({ kind: 'epoch-started', at: driven.now, epoch: 2, keyId: 'key-2' })
    driven.finish('a')
    expect(driven.said).toEqual([])
    expect(driven.statuses()).toEqual({ a: 'finished', b: 'ready' })
  })

  test('tells each attempt once to stop when it passes while a new epoch begins', () => {
    const driven = drive(missionOf({ a: [] }, { deadlineMs: 60_000 })).epoch()
    driven.feed({ kind: 'epoch-started', at: driven.now, epoch: 2, keyId: 'key-2' })
    driven.time(61_000)
    expect(driven.said).toEqual(['cancel a 1'])
  })
})

describe('pace', () => {
  test('a provider that asks for less is given a pause, and the task loses no try', () => {
    const driven = drive(missionOf({ a: [], b: [] }, { attemptsMax: 1 })).epoch()
    const later = { ...(failureOf('a', 1, 'throttled') as Record<string, Json>), retry_after_ms: 7_000 }
    driven.receive('h01', 'failure', later)
    expect(driven.said).toEqual([])
    expect(nextWakeAt(driven.session)).toBe(driven.now + 7_000)
    expect(driven.time(7_000).said).toEqual(['request a 2'])
  })

  test('an attempt that crashes cut off is made again at once, and the task loses no try', () => {
    const driven = drive(missionOf({ a: [] }, { attemptsMax: 1 }))
      .epoch()
      .fail('a', 'cut-off')
    expect(driven.said).toEqual(['request a 2'])
  })

  test('a provider that only ever says "later" fails the task in the end', () => {
    const driven = drive(missionOf({ a: [] })).epoch()
    for (let i = 0; i < 20; i++) driven.fail('a', 'throttled').time(2_000)
    expect(driven.statuses()).toEqual({ a: 'failed' })
  })

  test('after five failures in a row one attempt probes whether the provider is back', () => {
    const names = Array.from({ length: 10 }, (_, i) => `t${i}`)
    const tasks = Object.fromEntries(names.map((name) => [name, []]))
    const driven = drive(missionOf(tasks, { attemptsMax: 10 })).epoch()
    for (const name of names) driven.fail(name, 'unavailable')
    expect(driven.time(59_999).said).toEqual([])
    expect(driven.time(1).said).toHaveLength(1)
  })
})

describe('content', () => {
  const depth = (levels: number): Json => (levels === 0 ? 'end' : [depth(levels - 1)])

  test('data nested so deep that no request could hand it on is malformed', () => {
    const driven = drive(missionOf({ a: [] })).epoch()
    driven.finish('a', { ...answer(''), data: depth(40) })
    expect(driven.noticed('attempt-failed')).toMatchObject([{ failure: { code: 'malformed' } }])
  })
})
