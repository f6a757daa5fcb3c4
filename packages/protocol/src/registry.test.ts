import { describe, expect, it } from 'vitest'
import {
  coordinator,
  EPOCH,
  grantOf,
  h01,
  h02,
  openRegistry,
  operator,
  primitives,
  SESSION,
  signerOf,
  stranger,
} from '../scripts/cast.ts'
import { toBase64 } from './base64.ts'
import { type Grant, sealGrants } from './grant.ts'
import { keyIdOf } from './key-id.ts'
import { agentName } from './names.ts'
import type { Signer } from './primitives.ts'
import { createRegistry, type GrantVerdict } from './registry.ts'
import { performativesOf } from './roles.ts'
import { seal } from './seal.ts'

const codeOf = (verdict: GrantVerdict): string => (verdict.ok ? 'ok' : verdict.code)
const wireOf = (grant: Grant, signer: Signer): string =>
  sealGrants([grant], signer, primitives)[0]?.wire ?? ''
const h03 = (changes: Partial<Grant> = {}): Grant => grantOf('h03', 'worker', stranger, changes)

describe('createRegistry', () => {
  it('admits a thousand grants that one signature covers', () => {
    const registry = openRegistry()
    const holder = h01
    const grants = Array.from({ length: 1_000 }, (_, at): Grant => {
      const publicKey = primitives.sha256(Uint8Array.of(at >> 8, at & 255))
      return grantOf(`w${at}`, 'worker', holder, {
        public_key: toBase64(publicKey),
        key_id: keyIdOf(publicKey, primitives),
      })
    })
    const signed = sealGrants(grants, coordinator, primitives)
    expect(new Set(signed.map(({ wire }) => /"signature_bytes":"([^"]+)"/.exec(wire)?.[1])).size).toBe(1)
    for (const { wire } of signed) expect(codeOf(registry.admit(wire))).toBe('ok')
    expect(registry.grants()).toHaveLength(4 + 1_000)
  })

  it('accepts a grant again, also issued anew, and keeps one', () => {
    const registry = openRegistry()
    expect(codeOf(registry.admit(wireOf(h03(), coordinator)))).toBe('ok')
    expect(codeOf(registry.admit(wireOf(h03(), coordinator)))).toBe('ok')
    expect(codeOf(registry.admit(wireOf(h03({ issued_at: 1 }), coordinator)))).toBe('ok')
    expect(registry.grants()).toHaveLength(5)
  })

  it('refuses to widen a grant that is in', () => {
    const registry = openRegistry()
    registry.admit(wireOf(h03({ performatives: ['inform'] }), coordinator))
    expect(codeOf(registry.admit(wireOf(h03(), coordinator)))).toBe('conflict')
    expect(registry.find(stranger.keyId, EPOCH)?.grant.performatives).toEqual(['inform'])
  })

  it.each<[string, Grant, Signer, string]>([
    ['another key for an agent', grantOf('h01', 'worker', stranger), coordinator, 'conflict'],
    ["another agent's key", grantOf('h03', 'worker', h02), coordinator, 'conflict'],
    ["the operator's key for a worker", grantOf('h03', 'worker', operator), coordinator, 'conflict'],
    [
      "the operator's key for a coordinator",
      grantOf('second', 'coordinator', operator),
      operator,
      'conflict',
    ],
    ['an epoch without a coordinator', h03({ epoch: 7 }), coordinator, 'unknown-issuer'],
    [
      'a worker granted by the operator',
      h03({ issuer: agentName(SESSION, 'operator'), issuer_key_id: operator.keyId }),
      operator,
      'unknown-issuer',
    ],
    ['a worker that calls itself operator', grantOf('operator', 'worker', stranger), coordinator, 'too-wide'],
    ['another key as operator', grantOf('operator', 'operator', stranger), operator, 'too-wide'],
    [
      'a planner that cancels',
      grantOf('h03', 'planner', stranger, { performatives: ['cancel'] }),
      coordinator,
      'too-wide',
    ],
    [
      'another session',
      { ...JSON.parse(JSON.stringify(h03()).replaceAll(SESSION, 'other')) },
      coordinator,
      'wrong-scope',
    ],
  ])('refuses %s', (_, grant, signer, code) => {
    expect(codeOf(openRegistry().admit(wireOf(grant, signer)))).toBe(code)
  })

  it('refuses a signature of another key than the issuer names', () => {
    const forger: Signer = { ...stranger, keyId: coordinator.keyId }
    expect(codeOf(openRegistry().admit(wireOf(h03(), forger)))).toBe('unknown-issuer')
    const embedding: Signer = { ...forger, publicKey: coordinator.publicKey, sign: stranger.sign }
    expect(codeOf(openRegistry().admit(wireOf(h03(), embedding)))).toBe('bad-signature')
  })

  it('refuses a coordinator that names the operator as its issuer and signs for itself', () => {
    const forger: Signer = { ...stranger, keyId: operator.keyId }
    const grant = grantOf('coordinator2', 'coordinator', stranger)
    expect(codeOf(openRegistry().admit(wireOf(grant, forger)))).toBe('unknown-issuer')
  })

  it('refuses keys of small order, even well signed', () => {
    const publicKey = new Uint8Array(32)
    const weak = { public_key: toBase64(publicKey), key_id: keyIdOf(publicKey, primitives) }
    expect(codeOf(openRegistry().admit(wireOf(h03(weak), coordinator)))).toBe('weak-key')
    expect(() => createRegistry({ session: SESSION, operatorKey: publicKey, primitives })).toThrow(
      'not a usable key',
    )
  })

  it('lets a coordinator grant only what it has itself', () => {
    const registry = createRegistry({ session: SESSION, operatorKey: operator.publicKey, primitives })
    const own = grantOf('coordinator', 'coordinator', coordinator, {
      performatives: ['request', 'inform'],
      receivers: [agentName(SESSION, 'h03')],
    })
    expect(codeOf(registry.admit(wireOf(own, operator)))).toBe('ok')
    const toCoordinator = [agentName(SESSION, 'coordinator')]
    expect(codeOf(registry.admit(wireOf(h03({ receivers: toCoordinator }), coordinator)))).toBe('too-wide')
    expect(codeOf(registry.admit(wireOf(h03({ performatives: ['inform'] }), coordinator)))).toBe('too-wide')
    expect(
      codeOf(
        registry.admit(wireOf(h03({ performatives: ['inform'], receivers: toCoordinator }), coordinator)),
      ),
    ).toBe('ok')
  })

  it('admits nothing by or for a revoked key', () => {
    const registry = openRegistry()
    registry.revoke(stranger.keyId, 5)
    expect(codeOf(registry.admit(wireOf(h03(), coordinator)))).toBe('revoked-key')
    registry.revoke(coordinator.keyId, 6)
    expect(codeOf(registry.admit(wireOf(grantOf('h04', 'worker', signerOf(12)), coordinator)))).toBe(
      'revoked-key',
    )
  })

  it('refuses text that is no grant, without throwing', () => {
    const message = seal([], h01, primitives)
    expect(message).toEqual([])
    const wire = wireOf(h03(), coordinator)
    for (const text of ['', 'null', '[]', '{}', '{"v":1}', `${wire} `, '['.repeat(600_000)]) {
      expect(openRegistry().admit(text).ok).toBe(false)
    }
    for (let at = 0; at < wire.length; at++) {
      const changed = wire.slice(0, at) + String.fromCharCode(wire.charCodeAt(at) ^ 1) + wire.slice(at + 1)
      if (openRegistryOnce.admit(changed).ok) expect(changed).toBe('refused')
    }
  })
})

const openRegistryOnce = openRegistry()

describe('sealGrants', () => {
  it.each<[string, Partial<Grant>, string]>([
    ['receivers that mix * and names', { receivers: ['*', agentName(SESSION, 'h01')] }, 'receivers'],
    ['no receiver', { receivers: [] }, 'receivers'],
    ['a performative twice', { performatives: ['inform', 'inform'] }, 'performatives'],
    ['the id of another key', { key_id: h01.keyId }, 'key_id'],
    ['an issuer that is not the signer', { issuer_key_id: operator.keyId }, 'not the key that signs'],
  ])('refuses %s', (_, changes, detail) => {
    expect(() => wireOf(h03(changes), coordinator)).toThrow(detail)
  })
})

it('never lets a worker, planner or synthesizer give orders', () => {
  for (const role of ['worker', 'planner', 'synthesizer'] as const) {
    expect(performativesOf(role)).not.toContain('request')
    expect(performativesOf(role)).not.toContain('cancel')
  }
  expect(performativesOf('coordinator')).toHaveLength(15)
})
