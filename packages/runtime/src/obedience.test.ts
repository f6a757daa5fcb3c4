import { createEvidenceIndex } from '@infrafabric/evidence'
import {
  agentName,
  conversationName,
  type Grant,
  messageName,
  performativesOf,
  type Signer,
  seal,
  sealGrants,
  toBase64,
} from '@infrafabric/protocol'
import { defaultMission } from '@infrafabric/session'
import { expect, test } from 'vitest'
import { AgentHost } from './agent-host.ts'
import { nodePrimitives as primitives, signerFromSeed } from './node-primitives.ts'
import { agentsQueue } from './queues.ts'
import { FUNCTION } from './testing/drill.ts'
import { MemoryBus } from './testing/memory-bus.ts'
import { MemoryObjectStore } from './testing/memory-object-store.ts'
import { World, WorldClock } from './testing/world.ts'

const SESSION = 'drill-7f3k'
const operator = signerFromSeed(new Uint8Array(32).fill(1))
const coordinator = signerFromSeed(new Uint8Array(32).fill(2))

test.each<[who: 'coordinator' | 'operator', signer: Signer, performed: string[]]>([
  ['coordinator', coordinator, ['a']],
  ['operator', operator, []],
])('works for its coordinator alone: a request by the %s, well granted', async (who, signer, performed) => {
  const world = new World(1)
  const clock = new WorldClock(world)
  const bus = new MemoryBus(clock)
  const done: string[] = []
  const program = {
    runtime: {
      name: 'noting',
      perform: async ({ task }: { task: string }) => {
        done.push(task)
        return { answer: '', claims: [] }
      },
    },
    model: null,
  }
  const host = new AgentHost(
    {
      session: SESSION,
      mission: { ...defaultMission(), name: 'm', objective: 'o' },
      terms: { planner: FUNCTION, worker: FUNCTION, synthesizer: FUNCTION },
      operatorKey: operator.publicKey,
      programs: { planner: program, worker: program, synthesizer: program },
      evidence: async () => ({ index: createEvidenceIndex([]), documents: [] }),
      newSigner: () => signerFromSeed(new Uint8Array(32).fill(3)),
      onError: (error) => {
        throw error
      },
    },
    { bus, objects: new MemoryObjectStore(), clock, primitives },
  )
  const grants = sealGrants(
    [grantOf('operator', operator), grantOf('coordinator', coordinator)],
    operator,
    primitives,
  )
  host.start(
    grants.map(({ wire }) => wire),
    1,
  )
  const at = clock.now()
  const [request] = seal(
    [
      {
        v: 1,
        performative: 'request',
        sender: agentName(SESSION, who),
        receiver: agentName(SESSION, 'h01'),
        conversation_id: conversationName(SESSION, 'a'),
        message_id: messageName(SESSION, who, 1, 1),
        timestamp: at,
        content: {
          kind: 'task',
          task: 'a',
          attempt: 1,
          role: 'worker',
          question: 'a?',
          objective: 'o',
          inputs: [],
          slice_micros: 0,
          timeout_ms: 60_000,
          tasks_max: 10,
        },
        citation: null,
        session_id: SESSION,
        key_id: signer.keyId,
        epoch: 1,
        seq: 1,
        in_reply_to: null,
        expires_at: null,
      },
    ],
    signer,
    primitives,
  )
  await bus.send([{ queue: agentsQueue(SESSION, 1), group: 'a', id: '1', body: request?.wire ?? '' }])
  await world.until(world.sleep(5_000))
  await world.until(host.stop())
  expect(done).toEqual(performed)
})

/** By the operator: all that the role may ever say, to everybody. */
function grantOf(agent: 'operator' | 'coordinator', { publicKey, keyId }: Signer): Grant {
  return {
    v: 1,
    session_id: SESSION,
    agent: agentName(SESSION, agent),
    role: agent,
    performatives: performativesOf(agent),
    receivers: ['*'],
    public_key: toBase64(publicKey),
    key_id: keyId,
    epoch: 1,
    issued_at: 1,
    issuer: agentName(SESSION, 'operator'),
    issuer_key_id: operator.keyId,
  }
}
