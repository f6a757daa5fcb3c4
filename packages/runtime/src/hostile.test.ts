import { type AgentRuntime, evidenceKey } from '@infrafabric/ports'
import {
  agentName,
  conversationName,
  evidenceName,
  type Json,
  type MessageDraft,
  messageName,
  type Signer,
  seal,
  sha256Hex,
  utf8,
} from '@infrafabric/protocol'
import type { Session } from '@infrafabric/session'
import { describe, expect, test } from 'vitest'
import { nodePrimitives } from './node-primitives.ts'
import { coordinatorQueue } from './queues.ts'
import { Drill, FUNCTION, SESSION } from './testing/drill.ts'
import { answerOf, sessionOf } from './testing/outcomes.ts'

const tasks = { a: [], b: [], c: ['a', 'b'] }

/** Thinks for five seconds, so that there is time to forge an answer. */
const honest: AgentRuntime = {
  name: 'honest',
  perform: async ({ task }) => ({ answer: `the truth about ${task}`, claims: [] }),
}

interface Attack {
  drill: Drill
  /** Of the attacker, h01: it has attempt 1 of task a. */
  own: Signer
  send(...bodies: string[]): Promise<void>
}

let ids = 0

/** Runs a session whose agents take five seconds, and attacks it after two. */
async function attacked(
  attack: (on: Attack) => Promise<void> | void,
): Promise<{ drill: Drill; session: Session }> {
  const drill: Drill = await new Drill({
    tasks,
    terms: FUNCTION,
    mission: { attemptsMax: 5 },
    runtime: {
      ...honest,
      async perform(...args) {
        await drill.world.sleep(5_000)
        return honest.perform(...args)
      },
    },
  }).open()
  const send = (...bodies: string[]) =>
    drill.disk.bus.send(
      bodies.map((body) => ({ queue: coordinatorQueue(SESSION), group: 'x', id: `x${++ids}`, body })),
    )
  const running = drill.live()
  drill.world.schedule(2_000, () => {
    const own = drill.agents.get('h01')
    if (own !== undefined) void attack({ drill, own, send })
  })
  return { drill, session: sessionOf(await drill.world.until(running)) }
}

function draft(
  drill: Drill,
  signer: Signer,
  changes: Partial<MessageDraft> = {},
  agent = 'h01',
): MessageDraft {
  const seq = changes.seq ?? 500
  const session = changes.session_id ?? SESSION
  return {
    v: 1,
    performative: 'inform',
    sender: agentName(session, agent),
    receiver: agentName(session, 'coordinator'),
    conversation_id: conversationName(session, 'a'),
    message_id: messageName(session, agent, 1, seq),
    timestamp: Math.floor(drill.world.now),
    content: lie('b'),
    citation: null,
    session_id: session,
    key_id: signer.keyId,
    epoch: 1,
    seq,
    in_reply_to: null,
    expires_at: null,
    ...changes,
  }
}

function lie(task: string, attempt = 1, more: Record<string, Json> = {}): Json {
  return {
    kind: 'result',
    task,
    attempt,
    outcome: { answer: 'a lie', claims: [], ...more },
    charges: [],
    limits: null,
  }
}

function sealed(signer: Signer, ...drafts: MessageDraft[]): string[] {
  return seal(drafts, signer, nodePrimitives).map(({ wire }) => wire)
}

function expectTruth(session: Session): void {
  expect(session.tasks.map(answerOf)).toEqual(
    ['a', 'b', 'c'].map((task) => `${task}: the truth about ${task}`),
  )
  expect(session.phase).toEqual({ is: 'stopped', why: { is: 'completed' } })
}

function alarmsOf(drill: Drill): string[] {
  return drill.notices.flatMap((notice) => (notice.kind === 'alarm' ? [notice.detail] : []))
}

describe('what an agent says that it should not', () => {
  test.each<[what: string, alarm: RegExp, drafts: (drill: Drill, own: Signer) => MessageDraft]>([
    ['a result of a task that another has', /was not given/, (drill, own) => draft(drill, own)],
    [
      'an attempt that was never made',
      /was not given/,
      (drill, own) => draft(drill, own, { content: lie('a', 9) }),
    ],
    [
      'a task called ../../a',
      /was not given/,
      (drill, own) => draft(drill, own, { content: lie('../../a') }),
    ],
    [
      'a task called __proto__',
      /was not given/,
      (drill, own) => draft(drill, own, { content: lie('__proto__') }),
    ],
    ['a cancel', /not-granted/, (drill, own) => draft(drill, own, { performative: 'cancel' })],
    [
      'something to another agent',
      /not-granted/,
      (drill, own) => draft(drill, own, { receiver: agentName(SESSION, 'h02') }),
    ],
    ['a message in the name of h02', /unknown-key/, (drill, own) => draft(drill, own, {}, 'h02')],
    [
      'a message in the name of the operator',
      /unknown-key/,
      (drill, own) =>
        draft(drill, own, { performative: 'cancel', content: { kind: 'cancel-session' } }, 'operator'),
    ],
    [
      'a message in the name of the coordinator',
      /unknown-key/,
      (drill, own) => draft(drill, own, {}, 'coordinator'),
    ],
    [
      'a message for another session',
      /wrong-scope/,
      (drill, own) => draft(drill, own, { session_id: 'other-1234' }),
    ],
    [
      'a message of a later epoch',
      /unknown-key/,
      (drill, own) => draft(drill, own, { epoch: 2, message_id: messageName(SESSION, 'h01', 2, 500) }),
    ],
    [
      'a message from an hour ago',
      /stale/,
      (drill, own) => draft(drill, own, { timestamp: Math.floor(drill.world.now) - 3_600_000 }),
    ],
    [
      'a message from the future',
      /future/,
      (drill, own) => draft(drill, own, { timestamp: Math.floor(drill.world.now) + 3_600_000 }),
    ],
    ['a message that has expired', /expired/, (drill, own) => draft(drill, own, { expires_at: 1 })],
    [
      'its own failure as an inform',
      /came as/,
      (drill, own) => draft(drill, own, { performative: 'failure', content: lie('a') }),
    ],
  ])('%s changes nothing', async (_, alarm, make) => {
    const { drill, session } = await attacked(({ drill: of, own, send }) =>
      send(...sealed(own, make(of, own))),
    )
    expectTruth(session)
    expect(alarmsOf(drill).join('\n')).toMatch(alarm)
    expect(session.tasks.map((task) => task.attempts.length)).toEqual([1, 1, 1])
  })

  test.each<[what: string, content: Json]>([
    ['no content', null],
    ['a result without an outcome', { kind: 'result', task: 'a', attempt: 1 }],
    ['data nested to the limit of a message', lie('a', 1, { data: nested(28) })],
    ['a member that results do not have', { ...(lie('a') as object), role: 'planner' } as unknown as Json],
    [
      'tokens below zero',
      {
        ...(lie('a') as object),
        charges: [
          {
            call: 1,
            model: 'm',
            usage: {
              inputTokens: -1,
              cacheReadTokens: 0,
              cacheWriteTokens: 0,
              outputTokens: 0,
              reasoningTokens: 0,
            },
          },
        ],
      } as unknown as Json,
    ],
  ])('%s costs it the attempt that it has, and the task is done by another', async (_, content) => {
    const { drill, session } = await attacked(({ drill: of, own, send }) =>
      send(...sealed(own, draft(of, own, { content }))),
    )
    expectTruth(session)
    expect(alarmsOf(drill)).toHaveLength(1)
    expect(session.tasks.map((task) => task.attempts.length)).toEqual([2, 1, 1])
  })

  test('a message that was let in is not let in again, and a second one in its place raises an alarm', async () => {
    const { drill, session } = await attacked(({ drill: of, own, send }) => {
      const [first = ''] = sealed(own, draft(of, own))
      const [other = ''] = sealed(own, draft(of, own, { content: lie('c') }))
      return send(first, first, other, first)
    })
    expectTruth(session)
    const alarms = alarmsOf(drill)
    expect(alarms.filter((detail) => detail.includes('not given'))).toHaveLength(1)
    expect(alarms.filter((detail) => detail.includes('equivocation'))).toHaveLength(1)
  })

  test('a message by a key that nobody granted changes nothing', async () => {
    const { drill, session } = await attacked(({ drill: of, send }) => {
      const stranger = of.newSigner()
      return send(...sealed(stranger, draft(of, stranger)))
    })
    expectTruth(session)
    expect(alarmsOf(drill)).toHaveLength(1)
  })

  test.each([
    ['nothing', ''],
    ['no JSON', '{"v":1,'],
    ['null', 'null'],
    ['half a surrogate pair', '"\ud83d"'],
    ['ten thousand brackets', '['.repeat(10_000)],
    ['200 KB of text', `"${'x'.repeat(200_000)}"`],
    ['a prototype', '{"__proto__":{"performative":"inform"}}'],
  ])('%s for a message changes nothing', async (_, body) => {
    const { drill, session } = await attacked(({ send }) => send(body, body))
    expectTruth(session)
    expect(alarmsOf(drill)).toHaveLength(2)
  })
})

describe('what an agent leaves with the object store', () => {
  const encoded = (value: Json): Uint8Array => utf8(JSON.stringify(value))

  test.each<[what: string, bytes: Uint8Array | null, declared?: number]>([
    ['nothing', null],
    ['no JSON', utf8('no JSON')],
    ['bytes that are no text', Uint8Array.from([0xff, 0xfe, 0xc0])],
    ['half a surrogate pair', utf8('{"kind":"\\ud83d"}')],
    ['a noncharacter', utf8('{"kind":"\uffff"}')],
    ['JSON that is not canonical', utf8('{"b":1, "a":2}')],
    ['members twice', utf8('{"a":1,"a":2}')],
    ['a thousand levels', utf8('['.repeat(1_000) + ']'.repeat(1_000))],
    ['another length than it says', encoded({ kind: 'result' }), 3],
    ['ten megabytes', encoded('x'.repeat(10_000_000))],
    ['less than the gigabyte that it says', encoded('x'), 2 ** 30],
  ])('%s is refused, and stops nobody', async (_, bytes, declared) => {
    const { drill, session } = await attacked(async ({ drill: of, own, send }) => {
      const sha256 = sha256Hex(bytes ?? utf8('gone'), nodePrimitives)
      if (bytes !== null) await of.disk.objects.put(evidenceKey(sha256), bytes)
      const claim = {
        uri: evidenceName(sha256),
        sha256,
        bytes: declared ?? bytes?.length ?? 4,
        media_type: 'text/plain',
      }
      await send(...sealed(own, draft(of, own, { content: { claim_check: claim } })))
    })
    expectTruth(session)
    expect(alarmsOf(drill).join('\n')).toMatch(/claim-check/)
    expect(session.tasks.map((task) => task.attempts.length)).toEqual([1, 1, 1])
  })

  test('a forged result is judged as if it stood in the message', async () => {
    const { drill, session } = await attacked(async ({ drill: of, own, send }) => {
      const bytes = utf8(
        '{"attempt":1,"charges":[],"kind":"result","limits":null,"outcome":{"answer":"a lie","claims":[]},"task":"b"}',
      )
      const sha256 = sha256Hex(bytes, nodePrimitives)
      await of.disk.objects.put(evidenceKey(sha256), bytes)
      const claim = { uri: 'file:///etc/passwd', sha256, bytes: bytes.length, media_type: 'text/plain' }
      await send(...sealed(own, draft(of, own, { content: { claim_check: claim } })))
    })
    expectTruth(session)
    expect(alarmsOf(drill).join('\n')).toMatch(/was not given/)
  })
})

function nested(levels: number): Json {
  return levels === 0 ? 'end' : [nested(levels - 1)]
}
