import { expect, test } from 'vitest'
import { AgentHost } from './agent-host.ts'
import { functionAgent } from './function-agent.ts'
import { nodePrimitives } from './node-primitives.ts'
import { agentsQueue } from './queues.ts'
import { Drill, SESSION } from './testing/drill.ts'
import { WorldClock } from './testing/world.ts'

// Found by the simulation: a host that was taken over, and does not know it yet, swallowed what its successor was asked.
test('a host leaves requests that it cannot know of to others', async () => {
  const drill = new Drill({ tasks: { a: [] } })
  const { world, disk, mission, terms, operator } = drill
  const { bus, objects } = disk
  const program = { runtime: functionAgent('idle', () => null), model: null }
  const host = new AgentHost(
    {
      session: SESSION,
      mission,
      terms,
      operatorKey: operator.publicKey,
      programs: { planner: program, worker: program, synthesizer: program },
      evidence: () => Promise.reject(new Error('nobody asks')),
      newSigner: () => drill.newSigner(),
      onError: (error) => {
        throw error
      },
    },
    { bus, objects, clock: new WorldClock(world), primitives: nodePrimitives },
  )
  host.start([], 1)
  const queue = agentsQueue(SESSION)
  await bus.send([{ queue, group: 'a', id: 'of-a-later-epoch', body: '{}' }])
  await world.until(world.sleep(500))
  await world.until(host.stop())
  await world.until(world.sleep(2_000))
  const left = await world.until(bus.receive(queue, { max: 9, waitMs: 0, visibilityMs: 1_000 }))
  expect(left).toMatchObject([{ id: 'of-a-later-epoch', receives: 2 }])
})
