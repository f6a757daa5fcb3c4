import type { AgentRuntime, MessageBus } from '@infrafabric/ports'
import { expect, test } from 'vitest'
import { CALL_MICROS, Drill, SESSION } from './testing/drill.ts'
import { FaultyBus } from './testing/faulty-bus.ts'
import { answerOf, entriesOf, sessionOf } from './testing/outcomes.ts'
import type { Fate } from './testing/process.ts'

const names = Array.from({ length: 200 }, (_, i) => `t${i}`)
const chainsOfFive = Object.fromEntries(names.map((name, i) => [name, i % 5 === 0 ? [] : [`t${i - 1}`]]))

test.each([1, 2, 3])(
  'messages that are dropped, doubled, late and out of order change no result (seed %d)',
  async (seed) => {
    let bus: FaultyBus | undefined
    const begun: string[] = []
    const runtime: AgentRuntime = {
      name: 'counting',
      async perform({ task, attempt }, tools) {
        begun.push(`${task} ${attempt}`)
        const { text } = await tools.complete({ system: '', prompt: task, outputTokensMax: 500 })
        return { answer: text, claims: [] }
      },
    }
    const drill = await new Drill({
      seed,
      tasks: chainsOfFive,
      runtime,
      workers: 20,
      mission: { attemptsMax: 10, attemptTimeoutMs: 5_000, budgetMicros: 10_000_000 },
      wrap: (disk, world) => {
        bus = new FaultyBus(disk.bus, world, {
          dropped: 0.04,
          doubled: 0.2,
          delayed: 0.2,
          delayMsMax: 60_000,
        })
        return { ...disk, bus }
      },
    }).open()
    const session = sessionOf(await drill.run())
    expect(session.tasks.map(answerOf)).toEqual(names.map((name) => `${name}: answer to ${name}`))
    const finished = drill.notices.flatMap((notice) => (notice.kind === 'finished' ? [notice.task] : []))
    expect(finished.toSorted()).toEqual(names.toSorted())
    expect(new Set(begun).size).toBe(begun.length)
    expect(session.budget.reserved).toBe(0)
    expect(session.budget.spent).toBeGreaterThanOrEqual(drill.model.billed.length * CALL_MICROS)
    expect(bus?.fired.dropped).toBeGreaterThan(5)
    expect(bus?.fired.doubled).toBeGreaterThan(40)
    expect(bus?.fired.delayed).toBeGreaterThan(40)
  },
)

test('of two coordinators the stale one stops with conflict, and nothing is sent that is not in the journal', async () => {
  const sent: string[] = []
  const drill = await new Drill({
    tasks: chainsOfFive,
    workers: 5,
    wrap: (disk) => ({ ...disk, bus: recording(disk.bus, sent) }),
  }).open()
  const first = drill.live()
  const second = drill.world.sleep(300).then(() => drill.live())
  expect(await drill.world.until(first)).toMatchObject({ is: 'failed', error: { code: 'conflict' } })
  const session = sessionOf(await drill.world.until(second))
  expect(session.tasks.map(answerOf)).toEqual(names.map((name) => `${name}: answer to ${name}`))
  expect(session.epoch).toBe(2)
  const journalled = new Set((await entriesOf(drill)).flatMap((e) => (e.kind === 'sent' ? [e.message] : [])))
  expect(sent.length).toBeGreaterThan(200)
  expect(sent.filter((message) => !journalled.has(message))).toEqual([])
  const finished = drill.notices.flatMap((notice) => (notice.kind === 'finished' ? [notice.task] : []))
  expect(new Set(finished).size).toBe(finished.length)
})

test('agents whose coordinator hangs do not swallow what the next one asks of its own', async () => {
  const drill = await new Drill({ tasks: chainsOfFive, workers: 5 }).open()
  const hangsAt = drill.world.now + 300
  const fateOf = (_: string, method: string): Fate =>
    method === 'append' && drill.world.now >= hangsAt ? 'never' : 'done'
  void drill.live({ fateOf })
  await drill.world.until(drill.world.sleep(400))
  const session = sessionOf(await drill.run())
  expect(session.tasksOpen).toBe(0)
  const lost = drill.notices.filter((n) => n.kind === 'attempt-failed' && n.failure.code === 'lost')
  expect(lost).toEqual([])
})

test('an interrupt lets what is under way finish, and the rest is done when the session is resumed', async () => {
  const interrupt = new AbortController()
  const drill = await new Drill({ tasks: chainsOfFive, workers: 5 }).open()
  drill.world.schedule(300, () => interrupt.abort())
  const session = sessionOf(await drill.run({ interrupt: interrupt.signal }))
  expect(session.phase).toEqual({ is: 'stopped', why: { is: 'interrupted' } })
  expect(session.tasksOpen).toBeGreaterThan(100)
  const resumed = sessionOf(await drill.run())
  expect(resumed.tasksOpen).toBe(0)
  expect(resumed.budget.spent).toBe(200 * CALL_MICROS)
  expect(drill.model.billed).toHaveLength(200)
})

/** Notes what is sent to agents. */
function recording(bus: MessageBus, sent: string[]): MessageBus {
  return new Proxy(bus, {
    get(target, name) {
      const member = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      if (name !== 'send') return member.bind(target)
      return (messages: Parameters<MessageBus['send']>[0]) => {
        for (const { queue, body } of messages) if (queue.startsWith(`${SESSION}/agents/`)) sent.push(body)
        return target.send(messages)
      }
    },
  })
}
