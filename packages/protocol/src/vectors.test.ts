import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { operator, primitives, SESSION } from '../scripts/cast.ts'
import { type Step, vectorFiles, writeVectors } from '../scripts/vectors.ts'
import {
  chainHash,
  createRegistry,
  createVerifier,
  fromBase64,
  leafHash,
  parseCanonical,
  preAuthenticationEncoding,
  rootFromProof,
  toBase64,
  utf8,
  verifyCheckpoint,
} from './index.ts'

const folder = new URL('../../../docs/protocol/', import.meta.url)

function published<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`vectors/${name}`, folder), 'utf8'))
}

it.each(Object.entries(vectorFiles()))('publishes %s as the code yields it', (name, value) => {
  expect(readFileSync(new URL(`vectors/${name}`, folder), 'utf8')).toBe(writeVectors(value))
})

describe('the published vectors', () => {
  const texts = published<{ canonical: string[]; not_canonical: { name: string; text: string }[] }>(
    'canonical.json',
  )
  it.each(texts.canonical)('has the canonical text %s', (text) => {
    expect(parseCanonical(text).ok).toBe(true)
  })
  it.each(texts.not_canonical)('has a text that is not canonical: $name', ({ text }) => {
    expect(parseCanonical(text)).toMatchObject({ ok: false, code: 'not-canonical' })
  })

  it('encode as they say', () => {
    for (const { type, body, encoded } of published<Record<string, string>[]>('encoding.json')) {
      expect(toBase64(preAuthenticationEncoding(type ?? '', utf8(body ?? '')))).toBe(encoded)
    }
  })

  it('lead from every leaf to the root', () => {
    for (const { size, root, proofs } of published<{ size: number; root: string; proofs: string[][] }[]>(
      'tree.json',
    )) {
      for (const [at, proof] of proofs.entries()) {
        const hashes = proof.map((hash) => fromBase64(hash) ?? new Uint8Array())
        const reached = rootFromProof(leafHash(utf8(`leaf ${at}`), primitives), at, size, hashes, primitives)
        expect(reached && toBase64(reached)).toBe(root)
      }
    }
  })

  it('chain as they say', () => {
    const { start, entries } = published<{ start: never; entries: { body: string; hash: never }[] }>(
      'journal.json',
    )
    let previous = start
    for (const { body, hash } of entries) {
      expect(chainHash(previous, body, primitives)).toBe(hash)
      previous = hash
    }
  })

  const registry = createRegistry({ session: SESSION, operatorKey: operator.publicKey, primitives })
  const verifier = createVerifier({ primitives, registry })
  it.each(published<{ steps: Step[] }>('session.json').steps)('tell a session: $do, $name', (step) => {
    if (step.do === 'revoke-key') return registry.revoke(step.key_id, 0)
    const verdict =
      step.do === 'admit-grant'
        ? registry.admit(step.wire)
        : step.do === 'verify-message'
          ? verifier.verify(step.wire)
          : verifyCheckpoint(step.wire, { registry, primitives })
    expect(verdict.ok ? 'ok' : verdict.code).toBe(step.expect)
  })
})

const python = spawnSync('python3', ['-c', 'import cryptography']).status === 0
it.skipIf(!python)(
  'are judged alike by a verifier in Python (needs python3 with its package cryptography)',
  () => {
    const script = fileURLToPath(new URL('verify_vectors.py', folder))
    expect(execFileSync('python3', [script], { encoding: 'utf8' })).toMatch(/all \d+ vectors agree/)
  },
)
