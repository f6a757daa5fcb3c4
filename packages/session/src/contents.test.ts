import type { Json } from '@infrafabric/protocol'
import { describe, expect, test } from 'vitest'
import { parseOutcome, parseReply } from './contents.ts'
import { answer, charge, failureOf, resultOf } from './testing/drive.ts'

const usage = charge(1, 10, 5).usage
const hash = 'a'.repeat(64)

function changed(changes: Record<string, unknown>): Json {
  return { ...(resultOf('a', 1, answer('x')) as object), ...changes } as unknown as Json
}

function outcomeWith(changes: Record<string, unknown>): Json {
  return changed({ outcome: { ...answer('x'), ...changes } })
}

function claimWith(changes: Record<string, unknown>): Json {
  return outcomeWith({ claims: [{ text: 'x', supports: [], contradicts: [], ...changes }] })
}

test('a result and a failure are read as they were said', () => {
  const result = resultOf('a', 1, answer('x'), [charge(1, 10, 5)])
  expect(parseReply(result)).toEqual({ ok: true, value: result })
  const failure = failureOf('a', 1, 'throttled')
  expect(parseReply(failure)).toEqual({ ok: true, value: failure })
})

describe('a reply is malformed', () => {
  test.each<[why: string, reply: Json, detail: RegExp]>([
    ['that is no object', [], /not an object/],
    ['of an unknown kind', changed({ kind: 'order' }), /unknown "order"/],
    ['with a member too many', changed({ role: 'planner' }), /unknown member "role"/],
    ['with a prototype', JSON.parse('{"__proto__":1,"kind":"result"}') as Json, /__proto__/],
    ['with a member too few', { kind: 'result', task: 'a' }, /missing/],
    ['about half an attempt', changed({ attempt: 1.5 }), /attempt/],
    ['about an attempt below zero', changed({ attempt: -1 }), /attempt/],
    ['about a task with a name of 10,000 characters', changed({ task: 'a'.repeat(10_000) }), /task/],
    ['with an answer of over a million characters', outcomeWith({ answer: 'x'.repeat(1_000_001) }), /answer/],
    ['with 501 claims', outcomeWith({ claims: Array.from({ length: 501 }, () => ({})) }), /501 items/],
    ['with a claim without quotes', outcomeWith({ claims: [{ text: 'x' }] }), /missing/],
    [
      'with a quote of no hash',
      claimWith({ supports: [{ source: '../x', passage: 0, text: 'x' }] }),
      /SHA-256/,
    ],
    [
      'with a quote of passage -1',
      claimWith({ supports: [{ source: hash, passage: -1, text: 'x' }] }),
      /passage/,
    ],
    [
      'with 1,001 charges',
      changed({ charges: Array.from({ length: 1_001 }, (_, i) => charge(i, 1, 1)) }),
      /1001/,
    ],
    ['with a charge of a trillion tokens', changed({ charges: [charge(1, 1e12, 1)] }), /inputTokens/],
    [
      'with more cached than all tokens',
      changed({ charges: [{ ...charge(1, 1, 1), usage: { ...usage, cacheReadTokens: 11 } }] }),
      /cached/,
    ],
    [
      'with more reasoning than output',
      changed({ charges: [{ ...charge(1, 1, 1), usage: { ...usage, reasoningTokens: 6 } }] }),
      /reasoning/,
    ],
    ['with a limit below zero', changed({ limits: { resetMs: -1 } }), /resetMs/],
    ['with 51 planned tasks', outcomeWith({ tasks: Array.from({ length: 51 }, () => ({})) }), /51 items/],
    [
      'with a need that is no id',
      outcomeWith({ tasks: [{ id: 'a', question: 'x', needs: ['x'.repeat(65)] }] }),
      /needs/,
    ],
    [
      'that fails for a reason nobody knows',
      { ...(failureOf('a', 1, 'lost' as 'crashed') as object) } as Json,
      /unknown "lost"/,
    ],
  ])('%s', (_, reply, detail) => {
    const parsed = parseReply(reply)
    expect(parsed).toMatchObject({ ok: false })
    expect(parsed.ok ? '' : parsed.detail).toMatch(detail)
    expect(parsed.ok ? '' : parsed.detail).toSatisfy((text: string) => text.length < 200)
  })
})

test('an outcome alone is held to the same rules', () => {
  expect(parseOutcome(answer('x') as unknown as Json)).toEqual({ ok: true, value: answer('x') })
  expect(parseOutcome({ answer: 'x' })).toMatchObject({ ok: false })
})
