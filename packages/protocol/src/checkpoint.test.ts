import { expect, it } from 'vitest'
import {
  coordinator,
  EPOCH,
  h01,
  NOW,
  openRegistry,
  openVerifier,
  primitives,
  SESSION,
} from '../scripts/cast.ts'
import { chainHash, chainStart } from './chain.ts'
import { type Checkpoint, sealCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import type { Sha256 } from './hash.ts'

const checkpoint: Checkpoint = {
  v: 1,
  session_id: SESSION,
  epoch: EPOCH,
  size: 1,
  head: chainHash(chainStart(SESSION, primitives), '{}', primitives),
  at: NOW,
  key_id: coordinator.keyId,
}
const codeOf = (wire: string, position?: number): string => {
  const registry = openRegistry()
  if (position !== undefined) registry.revoke(coordinator.keyId, 10)
  const options = position === undefined ? {} : { position }
  const verdict = verifyCheckpoint(wire, { registry, primitives, ...options })
  return verdict.ok ? 'ok' : verdict.code
}
const wire = sealCheckpoint(checkpoint, coordinator, primitives)

it('verifies what a coordinator signed, and hands it on', () => {
  expect(verifyCheckpoint(wire, { registry: openRegistry(), primitives })).toEqual({ ok: true, checkpoint })
})

it('refuses any changed character', () => {
  const registry = openRegistry()
  for (let at = 0; at < wire.length; at++) {
    const changed = wire.slice(0, at) + String.fromCharCode(wire.charCodeAt(at) ^ 1) + wire.slice(at + 1)
    if (verifyCheckpoint(changed, { registry, primitives }).ok) expect(changed).toBe('refused')
  }
})

it('refuses the word of a worker, and of a key that was revoked', () => {
  expect(codeOf(sealCheckpoint({ ...checkpoint, key_id: h01.keyId }, h01, primitives))).toBe('unknown-key')
  expect(codeOf(wire, 9)).toBe('ok')
  expect(codeOf(wire, 10)).toBe('revoked-key')
})

it('is no message', () => {
  expect(openVerifier().verify(wire)).toMatchObject({ ok: false, code: 'malformed' })
})

it('refuses to sign what is malformed', () => {
  expect(() => sealCheckpoint({ ...checkpoint, size: -1 }, coordinator, primitives)).toThrow('size')
  expect(() => sealCheckpoint(checkpoint, h01, primitives)).toThrow('not the key that signs')
})

it('chains entries so that any edit, swap, insertion or deletion shows', () => {
  const headOf = (bodies: string[], session = SESSION) =>
    bodies.reduce<Sha256>((head, body) => chainHash(head, body, primitives), chainStart(session, primitives))
  const heads = [
    ['a', 'b', 'c'],
    ['a', 'b'],
    ['a', 'c', 'b'],
    ['a', 'bc'],
    ['ab', 'c'],
    ['a', 'b', 'c', ''],
    ['a', 'B', 'c'],
  ].map((bodies) => headOf(bodies))
  expect(new Set([...heads, headOf(['a', 'b', 'c'], 'other')]).size).toBe(heads.length + 1)
})
