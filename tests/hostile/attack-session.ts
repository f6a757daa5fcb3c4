import type { AgentRuntime, MessageBus, ObjectStore } from '@infrafabric/ports'
import { coordinatorQueue } from '@infrafabric/runtime'
import type { Entry, Session } from '@infrafabric/session'
import { Drill, FUNCTION, SESSION } from '../../packages/runtime/src/testing/drill.ts'
import type { Disk } from '../../packages/runtime/src/testing/process.ts'
import type { Attacker, Hostile } from './generate.ts'
import { hostileMessages } from './generate.ts'

const TASKS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const
const NEEDS = { a: [], b: [], c: [], d: [], e: ['a', 'b'], f: ['c'], g: [], h: ['e'] }
/** The world's time that an honest agent takes for a task: time to be attacked in. */
const THINK_MS = 5_000
const VOLLEYS = 12

export interface HostileTally {
  sessions: number
  messages: number
  /** Let in: honestly signed by the attacker, or an honest message that came again. */
  letIn: number
  refused: Map<string, number>
  kinds: Map<string, number>
}

export function newHostileTally(): HostileTally {
  return { sessions: 0, messages: 0, letIn: 0, refused: new Map(), kinds: new Map() }
}

const honest: AgentRuntime = {
  name: 'honest',
  perform: async ({ task }) => ({ answer: `the truth about ${task}`, claims: [] }),
}

/** Attacks one session with so many messages while honest agents do its tasks. Returns every escape. */
export async function attackSession(seed: number, messages: number, tally: HostileTally): Promise<string[]> {
  const escapes: string[] = []
  const overheard: string[] = []
  const sent: Hostile[] = []
  const outside = new Set<string>()
  const drill: Drill = await new Drill({
    seed,
    tasks: NEEDS,
    terms: FUNCTION,
    mission: { attemptsMax: 5 },
    wrap: (disk) => watched(disk, overheard, outside),
    runtime: {
      ...honest,
      async perform(...args) {
        await drill.world.sleep(THINK_MS)
        return honest.perform(...args)
      },
    },
  }).open()
  const { world } = drill
  const random = (): number => world.random()
  let seq = 10_000
  const running = drill.live()
  const perVolley = Math.ceil(messages / VOLLEYS)
  let failure: unknown
  const volley = async (): Promise<void> => {
    const own = drill.agents.get('h01')
    if (own === undefined) return
    const attacker: Attacker = {
      session: SESSION,
      random,
      own,
      stranger: drill.newSigner(),
      now: () => Math.floor(world.now),
      nextSeq: () => ++seq,
      overheard,
      papers: await papersOf(drill),
      objects: drill.disk.objects,
      tasks: TASKS,
    }
    const made: Hostile[] = []
    while (made.length < perVolley) made.push(...(await hostileMessages(attacker)))
    sent.push(...made)
    // A queue that carries no more than 256 KiB is one more guard, and not the one that is tried here.
    const bus = drill.disk.bus
    for (const [at, { wire }] of made.entries()) {
      await bus
        .send([
          { queue: coordinatorQueue(SESSION), group: `x${at % 7}`, id: `x${sent.length}-${at}`, body: wire },
        ])
        .catch((error) => {
          if (wire.length < 200_000) throw error
        })
    }
  }
  for (let i = 0; i < VOLLEYS; i++) {
    world.schedule(700 + i * 1_000, () => void volley().catch((error) => (failure = error)))
  }
  const ending = await world.until(running)
  if (failure !== undefined) throw failure
  tally.sessions++
  tally.messages += sent.length
  for (const { kind } of sent) tally.kinds.set(kind, (tally.kinds.get(kind) ?? 0) + 1)
  if (ending.is !== 'stopped') return [`the session ${ending.is}: ${'error' in ending ? ending.error : ''}`]
  escapes.push(...faultsOf(ending.session))
  if (outside.size > 0)
    escapes.push(`objects outside of what a session may touch: ${[...outside].join(', ')}`)

  const forbidden = new Map(
    sent.filter(({ may }) => may === 'never be let in').map(({ wire, kind }) => [wire, kind]),
  )
  const seen = new Set<string>()
  for await (const row of drill.disk.journal.read(SESSION)) {
    const entry = JSON.parse(row.body) as Entry
    if (entry.kind === 'refused') tally.refused.set(entry.code, (tally.refused.get(entry.code) ?? 0) + 1)
    if (entry.kind !== 'received') continue
    tally.letIn++
    const kind = forbidden.get(entry.message)
    if (kind !== undefined) escapes.push(`let in: ${kind}`)
    if (seen.has(entry.message)) escapes.push('let in twice')
    seen.add(entry.message)
  }
  return escapes
}

/** What a session must be that honest agents did, whatever h01 said besides. */
function faultsOf(session: Session): string[] {
  const faults: string[] = []
  const expect = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault)
  }
  const { phase } = session
  expect(phase.is === 'stopped' && phase.why.is === 'completed', `it ended as ${JSON.stringify(phase)}`)
  expect(session.epoch === 1, `it is in epoch ${session.epoch}`)
  expect(session.budget.spent === 0 && session.budget.reserved === 0, 'money was spent')
  const ids = session.tasks.map(({ id }) => id).join(' ')
  expect(ids === TASKS.join(' '), `its tasks are ${ids}`)
  for (const { id, status, attempts } of session.tasks) {
    if (status.is !== 'finished') {
      faults.push(`task ${id} is ${status.is}`)
      continue
    }
    // About what it was given itself, an agent may lie: that is no escape of authority.
    const isTrue = status.outcome.answer === `the truth about ${id}`
    expect(
      isTrue || status.attempt.agent.name === 'h01',
      `task ${id} has the answer ${status.outcome.answer.slice(0, 60)}`,
    )
    for (const { agent, failure } of attempts) {
      expect(
        agent.name === 'h01' || failure === undefined,
        `an attempt of ${agent.name} failed: ${failure?.code}`,
      )
    }
  }
  return faults
}

async function papersOf(drill: Drill): Promise<string[]> {
  const papers: string[] = []
  for await (const row of drill.disk.journal.read(SESSION)) {
    const entry = JSON.parse(row.body) as Entry
    if (entry.kind === 'epoch-started' || entry.kind === 'granted') papers.push(...entry.grants)
    if (entry.kind === 'checkpoint') papers.push(entry.checkpoint)
    if (papers.length > 6) break
  }
  return papers
}

/** Listens to what agents send to the coordinator, and to which objects anybody asks for. */
function watched(disk: Disk, overheard: string[], outside: Set<string>): Disk {
  const bus: MessageBus = Object.create(disk.bus, {
    send: {
      value: async (...[messages, signal]: Parameters<MessageBus['send']>) => {
        for (const { queue, id, body } of messages) {
          if (queue === coordinatorQueue(SESSION) && !id.startsWith('x')) overheard.push(body)
        }
        return disk.bus.send(messages, signal)
      },
    },
  })
  const objects: ObjectStore = Object.create(disk.objects, {
    get: {
      value: async (...[key, signal]: Parameters<ObjectStore['get']>) => {
        if (!/^(?:evidence\/[0-9a-f]{2}\/[0-9a-f]{64}|sessions\/[a-z0-9-]+\/calls\/[\w./-]+)$/.test(key))
          outside.add(key)
        return disk.objects.get(key, signal)
      },
    },
  })
  return { ...disk, bus: bound(bus, disk.bus), objects: bound(objects, disk.objects) }
}

/** Methods that are not replaced run on the object they belong to: its private members are there. */
function bound<T extends object>(over: T, real: T): T {
  return new Proxy(real, {
    get(target, name) {
      if (Object.hasOwn(over, name)) return Reflect.get(over, name)
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
