import { type AgentRuntime, ModelError } from '@infrafabric/ports'
import { agentName, conversationName, messageName, seal } from '@infrafabric/protocol'
import type { Session } from '@infrafabric/session'
import { describe, expect, test } from 'vitest'
import { functionAgent } from './function-agent.ts'
import { nodePrimitives } from './node-primitives.ts'
import { coordinatorQueue } from './queues.ts'
import { Drill, FUNCTION, SESSION } from './testing/drill.ts'
import { answerOf, sessionOf } from './testing/outcomes.ts'

/** The operator asks whoever coordinates to stop the session for good. */
async function cancel(drill: Drill, epoch = 1): Promise<void> {
  const timestamp = Math.floor(drill.world.now)
  const [sealed] = seal(
    [
      {
        v: 1,
        performative: 'cancel',
        sender: agentName(SESSION, 'operator'),
        receiver: agentName(SESSION, 'coordinator'),
        conversation_id: conversationName(SESSION, '_session'),
        message_id: messageName(SESSION, 'operator', epoch, timestamp),
        timestamp,
        content: { kind: 'cancel-session' },
        citation: null,
        session_id: SESSION,
        key_id: drill.operator.keyId,
        epoch,
        seq: timestamp,
        in_reply_to: null,
        expires_at: null,
      },
    ],
    drill.operator,
    nodePrimitives,
  )
  await drill.disk.bus.send([
    {
      queue: coordinatorQueue(SESSION),
      group: '_session',
      id: `cancel-${timestamp}`,
      body: sealed?.wire ?? '',
    },
  ])
}

describe('what a function agent brings that nobody can use', () => {
  const deep: unknown[] = []
  for (let i = 0, at = deep; i < 5_000; i++) {
    const next: unknown[] = []
    at.push(next)
    at = next
  }
  const circle: unknown[] = []
  circle.push(circle)
  const proto = JSON.parse('{"__proto__":{"answer":"x"}}') as unknown

  test.each<[what: string, work: () => unknown, ends: string]>([
    ['ten megabytes', () => 'x'.repeat(10_000_000), 'failed'],
    ['nine megabytes of data', () => ({ data: ['ü'.repeat(900_000).repeat(5)] }), 'failed'],
    ['data nested too deep', () => deep, 'failed'],
    ['a circle', () => circle, 'failed'],
    ['a BigInt', () => 10n, 'failed'],
    ['claims that are none', () => ({ answer: 'x', claims: [1] }), 'failed'],
    [
      'an error with half an emoji',
      () => {
        throw new Error(`x${'😀'.repeat(1_000)}`)
      },
      'failed',
    ],
    [
      'an error that is no error',
      () => {
        throw { toString: () => '\ud83d\uffff' }
      },
      'failed',
    ],
    ['half an emoji', () => '\ud83d', 'finished'],
    ['noncharacters', () => ({ answer: '\uffff', claims: [], data: { '\ufffe': '\uffff' } }), 'finished'],
    ['a prototype', () => proto, 'finished'],
    ['nothing', () => undefined, 'finished'],
  ])('%s ends its task and nothing else', async (_, work, ends) => {
    const runtime = functionAgent('odd', ({ task }) => (task === 'odd' ? work() : task))
    const drill = await new Drill({
      tasks: { odd: [], next: ['odd'], other: [] },
      terms: FUNCTION,
      runtime,
      mission: { attemptsMax: 1 },
    }).open()
    const session = sessionOf(await drill.run())
    expect(session.tasks.map((task) => task.status.is)).toEqual([
      ends,
      ends === 'failed' ? 'skipped' : 'finished',
      'finished',
    ])
    expect(session.phase).toEqual({ is: 'stopped', why: { is: 'completed' } })
    // What was journalled can be read again.
    expect((await drill.read()).tasksOpen).toBe(0)
  })
})

describe('an attempt that is told to stop', () => {
  test('ends, although its agent does not listen', async () => {
    const drill = await new Drill({
      tasks: { a: [] },
      terms: FUNCTION,
      runtime: functionAgent('deaf', () => new Promise(() => undefined)),
      mission: { attemptTimeoutMs: 5_000, attemptsMax: 2 },
    }).open()
    const session = sessionOf(await drill.run())
    expect(session.tasks[0]?.status).toMatchObject({ is: 'failed', failure: { code: 'timeout' } })
  })

  test('by a cancelled session reports what it cost', async () => {
    const drill = await new Drill({ tasks: { a: [], b: [] } }).open()
    drill.model.before = () => drill.world.sleep(5_000)
    drill.world.schedule(2_000, () => void cancel(drill))
    const session = sessionOf(await drill.run())
    expect(session.phase).toEqual({ is: 'stopped', why: { is: 'cancelled' } })
    expect(session.budget).toMatchObject({ reserved: 0, spent: 8_000, unreconciled: 0 })
  })

  test('before it has begun here never begins', async () => {
    const begun: string[] = []
    const runtime: AgentRuntime = {
      name: 'counting',
      async perform({ task, question }, tools) {
        begun.push(`${task} ${question}`)
        const { text } = await tools.complete({ system: '', prompt: task, outputTokensMax: 500 })
        return { answer: text, claims: [] }
      },
    }
    const drill = await new Drill({ tasks: { a: [] }, runtime }).open()
    drill.model.before = () => drill.world.sleep(5_000)
    drill.world.schedule(2_000, () => void cancel(drill))
    // Dies when the cancel is in the journal and the agent has not been told.
    const ending = await drill.run({
      onProcess: (process) => {
        const watch = (): void => {
          if (drill.notices.some(({ kind }) => kind === 'draining')) process.kill()
          else drill.world.schedule(0.1, watch)
        }
        drill.world.schedule(2_000, watch)
      },
    })
    expect(ending.is).toBe('died')
    const session = sessionOf(await drill.run())
    expect(session.phase).toEqual({ is: 'stopped', why: { is: 'cancelled' } })
    expect(begun).toEqual(['a a?'])
    expect(session.budget).toMatchObject({ reserved: 0, spent: 4_000 })
  })
})

describe('a provider', () => {
  async function against(
    fail: (calls: number) => ModelError | null,
  ): Promise<{ drill: Drill; session: Session }> {
    const drill = await new Drill({ tasks: { a: [], b: ['a'] }, workers: 2 }).open()
    let calls = 0
    drill.model.before = () => {
      const error = fail(++calls)
      if (error !== null) throw error
    }
    return { drill, session: sessionOf(await drill.run()) }
  }

  test('that asks for less twice is asked again, and nothing is charged for it', async () => {
    const { session, drill } = await against((call) =>
      call <= 2 ? new ModelError('rate-limited', 'later', { billed: 'no', retryAfterMs: 3_000.5 }) : null,
    )
    expect(session.tasks.map(answerOf)).toEqual(['a: answer to a', 'b: answer to b'])
    expect(session.budget.spent).toBe(400)
    expect(drill.notices.filter(({ kind }) => kind === 'throttled')).toHaveLength(2)
  })

  test('that fails after the work is paid in full', async () => {
    const { session } = await against((call) =>
      call === 1 ? new ModelError('timeout', 'no answer', { billed: 'unknown' }) : null,
    )
    expect(session.budget.spent).toBe(4_400)
  })

  test('that gives nonsense for a retry time is waited for all the same', async () => {
    const { session } = await against((call) =>
      call === 1 ? new ModelError('overloaded', 'later', { billed: 'no', retryAfterMs: Number.NaN }) : null,
    )
    expect(session.tasksOpen).toBe(0)
  })

  test('that refuses the key stops the session, which can be resumed', async () => {
    const drill = await new Drill({ tasks: { a: [], b: ['a'] } }).open()
    drill.model.before = () => {
      throw new ModelError('unauthorized', 'wrong key', { billed: 'no' })
    }
    const stopped = sessionOf(await drill.run())
    expect(stopped.phase).toMatchObject({ is: 'stopped', why: { is: 'halted', code: 'unauthorized' } })
    drill.model.before = () => undefined
    const session = sessionOf(await drill.run())
    expect(session.tasks.map(answerOf)).toEqual(['a: answer to a', 'b: answer to b'])
  })
})

describe('a clock', () => {
  test.each([
    ['back by an hour', -3_600_000],
    ['ahead by a minute', 60_000],
    ['ahead by an hour', 3_600_000],
  ])('that is set %s holds nothing up', async (_, ms) => {
    let failures = 0
    const drill = await new Drill({
      tasks: { a: [], b: ['a'] },
      terms: FUNCTION,
      runtime: functionAgent('unsteady', ({ task }) => {
        if (failures++ < 2) throw new Error('not now')
        return task
      }),
    }).open()
    const started = drill.world.now
    const ending = await drill.run({
      onProcess: (process) =>
        drill.world.schedule(50, () => {
          process.clock.skewMs = ms
        }),
    })
    expect(sessionOf(ending).tasks.map(answerOf)).toEqual(['a: a', 'b: b'])
    expect(drill.world.now - started).toBeLessThan(60_000)
  })
})
