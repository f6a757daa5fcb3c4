import { describe, expect, it } from 'vitest'
import {
  coordinator,
  draftOf,
  grantOf,
  h01,
  NOW,
  openRegistry,
  openVerifier,
  operator,
  primitives,
  SESSION,
  stranger,
} from '../scripts/cast.ts'
import { resign } from '../scripts/resign.ts'
import { toBase64 } from './base64.ts'
import { sealGrants } from './grant.ts'
import type { Json, JsonObject } from './json.ts'
import type { Primitives } from './primitives.ts'
import type { Registry } from './registry.ts'
import { seal } from './seal.ts'
import { createVerifier, type Verdict } from './verify.ts'

const codeOf = (verdict: Verdict): string => (verdict.ok ? 'ok' : verdict.code)
const wireOf = (...drafts: ReturnType<typeof draftOf>[]): string =>
  seal(drafts, h01, primitives)[0]?.wire ?? ''

// Frozen: others rely on these bytes. A change here is a new version of the protocol.
const GOLDEN =
  '{"citation":null,"content":{"answer":"Der Impeller ist fällig.","hours":412.5},"conversation_id":"if://conversation/handover-7f3k/engines","epoch":1,"expires_at":null,"in_reply_to":null,"key_id":"ed25519:b62e867fa2f33afe62d5d6b1642e1621","message_id":"if://message/handover-7f3k/h01/1.1","performative":"inform","receiver":"if://agent/handover-7f3k/coordinator","sender":"if://agent/handover-7f3k/h01","seq":1,"session_id":"handover-7f3k","signature":@SINGLE@,"timestamp":1764000000000,"v":1}'
const GOLDEN_SINGLE =
  '{"algorithm":"ed25519","public_key":"7UkoxijRwsbq6QM4kFmVYSlZJzpcY/k2NsFGFKyHN9E=","signature_bytes":"s+ZRWXeTzpxAHN6jROljbctaOcbKRcRkbLFHxunval4K8BoUSPqmy0cS0yEUUwuhfci3PKmihEuTeoge/Y7PDg=="}'
const GOLDEN_BATCH =
  '{"algorithm":"ed25519-batch","proof":{"hashes":["Q13/PR+PxBmqvzTceY9vt91TLV75mcK21V7LGQXHN3c=","VsOFUOHommTBhNQrS+1c6MVTN8Xco/C4HyU4rZpnvKc="],"leaf_index":0,"tree_size":3},"public_key":"7UkoxijRwsbq6QM4kFmVYSlZJzpcY/k2NsFGFKyHN9E=","signature_bytes":"km/XoOlAd1wPsJUH2lEwgYu3S2bz1N+B+HmkwCdj2GQFGyZSNTfRAPKLZ3wBMrurTmdfGBi8c82jUypbO4MwDw=="}'
const golden = GOLDEN.replace('@SINGLE@', GOLDEN_SINGLE)
const goldenBatch = GOLDEN.replace('@SINGLE@', GOLDEN_BATCH)

describe('the golden messages', () => {
  it('are what sealing yields', () => {
    expect(wireOf(draftOf(1))).toBe(golden)
    expect(wireOf(draftOf(1), draftOf(2), draftOf(3))).toBe(goldenBatch)
  })

  it.each([
    ['single', golden],
    ['batch', goldenBatch],
  ])('are refused with any byte substituted, bit flipped or end cut off: %s', (_, wire) => {
    const verifier = openVerifier()
    expect(codeOf(verifier.verify(wire))).toBe('ok')
    const bytes = new TextEncoder().encode(wire)
    const accepted: string[] = []
    const attempt = (what: string, changed: Uint8Array): void => {
      // What is no UTF-8 never becomes text in the first place; read leniently, it must still be refused.
      if (verifier.verify(new TextDecoder('utf-8', { ignoreBOM: true }).decode(changed)).ok)
        accepted.push(what)
    }
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0
      for (const other of [0, 0x20, 0x22, 0x30, 0x31, 0x41, 0x61, 0x7b, 0x7d, 0xff, ...bitFlips(byte)]) {
        if (other === byte) continue
        const changed = bytes.slice()
        changed[at] = other
        attempt(`byte ${at} to ${other}`, changed)
      }
      attempt(`cut at ${at}`, bytes.subarray(0, at))
      attempt(`start at ${at + 1}`, bytes.subarray(at + 1))
    }
    expect(accepted).toEqual([])
  })
})

function bitFlips(byte: number): number[] {
  return Array.from({ length: 8 }, (_, bit) => byte ^ (1 << bit))
}

describe('verify', () => {
  const draft = draftOf(1) as unknown as JsonObject

  it('hands on the message, its text and a digest that does not depend on the batch', () => {
    const verifier = openVerifier()
    const alone = verifier.verify(wireOf(draftOf(1)))
    const together = verifier.verify(wireOf(draftOf(1), draftOf(2)))
    if (!alone.ok || !together.ok) throw new Error('both should verify')
    expect(alone.message).toMatchObject({ ...draftOf(1), wire: golden })
    expect(alone.message.digest).toEqual(together.message.digest)
  })

  it('verifies each root once, and every message of the batch against it', () => {
    let verifications = 0
    const counting: Primitives = {
      ...primitives,
      verify: (...parts) => {
        verifications++
        return primitives.verify(...parts)
      },
    }
    const verifier = createVerifier({ primitives: counting, registry: openRegistry(), rootsMax: 2 })
    const batches = [1, 2, 3].map((start) =>
      seal([draftOf(start * 10), draftOf(start * 10 + 1)], h01, primitives).map(({ wire }) => wire),
    )
    for (const wires of batches) for (const wire of wires) expect(verifier.verify(wire).ok).toBe(true)
    expect(verifications).toBe(3)
    expect(verifier.verify(batches[0]?.[0] ?? '').ok).toBe(true) // pushed out by the later two
    expect(verifications).toBe(4)
    const forged = (batches[0]?.[1] ?? '').replace('412.5', '412.6')
    expect(codeOf(verifier.verify(forged))).toBe('bad-signature')
  })

  it.each<[string, JsonObject, string]>([
    ['member missing', { ...draft, v: undefined as unknown as Json }, 'malformed'],
    ['version 2', { ...draft, v: 2 }, 'malformed'],
    ['negative seq', { ...draft, seq: -1 }, 'malformed'],
    ['seq beyond 2^53', { ...draft, seq: 2 ** 53 }, 'malformed'],
    ['text as timestamp', { ...draft, timestamp: '1' }, 'malformed'],
    [
      'citation with more members',
      { ...draft, citation: { source_url: 'x', evidence_hash: 'a'.repeat(64), status: 'verified' } },
      'malformed',
    ],
    ['citation without a hash', { ...draft, citation: { source_url: 'x', evidence_hash: 'a' } }, 'malformed'],
    ['expiry as text', { ...draft, expires_at: 'never' }, 'malformed'],
    ['sender that is no agent', { ...draft, sender: `if://session/${SESSION}` }, 'wrong-scope'],
    [
      'conversation of another session',
      { ...draft, conversation_id: 'if://conversation/other/engines' },
      'wrong-scope',
    ],
    ['reply to another session', { ...draft, in_reply_to: 'if://message/other/h01/1.1' }, 'wrong-scope'],
    ['receiver not granted', { ...draft, receiver: `if://agent/${SESSION}/h02` }, 'not-granted'],
    ['cancel by a worker', { ...draft, performative: 'cancel' }, 'not-granted'],
  ])('refuses a %s, well signed', (_, body, code) => {
    const present = JSON.parse(JSON.stringify(body))
    expect(codeOf(openVerifier().verify(resign(present, h01)))).toBe(code)
  })

  it('refuses numbers that parsers round, and repeated members, wherever they stand', () => {
    const verifier = openVerifier()
    for (const number of ['1e400', '9007199254740993', '4.125e2', '412.50', '-0']) {
      expect(codeOf(verifier.verify(golden.replace('412.5', number)))).toBe('not-canonical')
    }
    expect(codeOf(verifier.verify(golden.replace('"hours"', '"hours":412.5,"hours"')))).toBe('not-canonical')
    expect(codeOf(verifier.verify(golden.replace('Der', '\\ud800')))).toBe('not-canonical')
  })

  it('survives bombs of size and depth', () => {
    const verifier = openVerifier()
    expect(codeOf(verifier.verify('['.repeat(70_000)))).toBe('not-canonical')
    expect(codeOf(verifier.verify('['.repeat(5_000_000)))).toBe('too-large')
    const deep = JSON.parse('['.repeat(40) + ']'.repeat(40))
    expect(codeOf(verifier.verify(resign({ ...draft, content: deep }, h01, { write: JSON.stringify })))).toBe(
      'not-canonical',
    )
    expect(codeOf(verifier.verify(`"${'\u20ac'.repeat(70_000)}"`))).toBe('too-large')
    for (const text of ['null', '1', '"x"', '[]', '{}'])
      expect(codeOf(verifier.verify(text))).toBe('malformed')
  })

  it('takes 64 KiB of content and refuses one byte more', () => {
    const verifier = openVerifier()
    expect(verifier.verify(wireOf(draftOf(1, { content: 'x'.repeat(65_534) }))).ok).toBe(true)
    expect(() => wireOf(draftOf(1, { content: 'x'.repeat(65_535) }))).toThrow('too large')
    expect(codeOf(verifier.verify(resign({ ...draft, content: 'x'.repeat(65_535) }, h01)))).toBe('too-large')
  })

  it('refuses the key of small order whose signature fits every message', () => {
    const weak = new Uint8Array(32)
    weak[0] = 1
    const everything = new Uint8Array(64)
    everything[0] = 1
    // As if it had slipped into the registry.
    const open = openRegistry()
    const registry: Registry = {
      ...open,
      find: () => ({ grant: { ...grantOf('h01', 'worker', h01) }, publicKey: weak, mayAddress: () => true }),
    }
    const wire = wireOf(draftOf(1)).replace(
      GOLDEN_SINGLE,
      `{"algorithm":"ed25519","public_key":"${toBase64(weak)}","signature_bytes":"${toBase64(everything)}"}`,
    )
    const lenient: Primitives = { ...primitives, verify: () => true }
    expect(codeOf(createVerifier({ primitives: lenient, registry }).verify(wire))).toBe('weak-key')
    expect(codeOf(openVerifier().verify(wire))).toBe('unknown-key')
  })

  it('refuses a signature whose S has the order added', () => {
    const lenient: Primitives = { ...primitives, verify: () => true }
    const high = toBase64(new Uint8Array(64).fill(255))
    const wire = golden.replace(/"signature_bytes":"[^"]+"/, `"signature_bytes":"${high}"`)
    expect(codeOf(createVerifier({ primitives: lenient, registry: openRegistry() }).verify(wire))).toBe(
      'bad-signature',
    )
  })

  it('accepts a revoked key before the position of its revocation, and never after', () => {
    const registry = openRegistry()
    const verifier = openVerifier(registry)
    registry.revoke(h01.keyId, 40)
    registry.revoke(h01.keyId, 50)
    expect(codeOf(verifier.verify(golden, { position: 39 }))).toBe('ok')
    expect(codeOf(verifier.verify(golden, { position: 40 }))).toBe('revoked-key')
    expect(codeOf(verifier.verify(golden))).toBe('revoked-key')
  })

  it('refuses a batch in which another key signed', () => {
    const [batched] = seal(
      [draftOf(1, { key_id: stranger.keyId }), draftOf(2, { key_id: stranger.keyId })],
      stranger,
      primitives,
    )
    expect(codeOf(openVerifier().verify(batched?.wire ?? ''))).toBe('unknown-key')
  })
})

describe('seal', () => {
  it('seals nothing when there is nothing', () => {
    expect(seal([], h01, primitives)).toEqual([])
  })

  it('seals so that every message of any batch verifies', () => {
    const verifier = openVerifier()
    for (const size of [1, 2, 3, 5, 8, 13, 70]) {
      const drafts = Array.from({ length: size }, (_, at) =>
        draftOf(at, { content: 'ä\u2028\u{1F600}'.repeat(at) }),
      )
      for (const { draft, wire } of seal(drafts, h01, primitives)) {
        expect(verifier.verify(wire)).toMatchObject({ ok: true, message: draft })
      }
    }
  })

  it('seals and verifies content that looks like a signature', () => {
    const content = { a: ',"signature":{', signature: { algorithm: 'ed25519' }, z: [{ b: 1, signature: {} }] }
    expect(openVerifier().verify(wireOf(draftOf(1, { content }))).ok).toBe(true)
  })

  it.each<[string, Partial<ReturnType<typeof draftOf>>, string]>([
    ['lone surrogate', { content: '\ud800' }, 'lone surrogate'],
    ['U+FFFE', { content: '\ufffe' }, 'U+FFFE'],
    ['NaN', { content: Number.NaN }, 'not a JSON number'],
    ['key that is not the signer', { key_id: stranger.keyId }, 'not the key that signs'],
    ['message_id of another place', { seq: 5 }, 'message_id'],
    ['receiver elsewhere', { receiver: 'if://agent/other/x' }, 'receiver'],
    ['fraction of a millisecond', { timestamp: 0.5 }, 'timestamp'],
  ])('refuses to sign a %s', (_, changes, detail) => {
    expect(() => wireOf(draftOf(1), draftOf(2, { message_id: draftOf(2).message_id, ...changes }))).toThrow(
      detail,
    )
  })
})

it('verifies in the registry of its own session only', () => {
  const other = openRegistry()
  expect(codeOf(openVerifier({ ...other, session: 'other' }).verify(golden))).toBe('wrong-scope')
})

it('knows a coordinator of two epochs by epoch', () => {
  const registry = openRegistry()
  const [second] = sealGrants(
    [grantOf('coordinator', 'coordinator', coordinator, { epoch: 2, issued_at: NOW })],
    operator,
    primitives,
  )
  expect(registry.admit(second?.wire ?? '').ok).toBe(true)
  expect(registry.find(coordinator.keyId, 2)?.grant.epoch).toBe(2)
  expect(registry.find(coordinator.keyId, 3)).toBeUndefined()
})
