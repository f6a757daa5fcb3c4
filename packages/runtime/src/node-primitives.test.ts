import { expect, it } from 'vitest'
import {
  createNodePrimitives,
  generateSigner,
  importSigner,
  nodePrimitives,
  signerFromSeed,
} from './node-primitives.ts'

const bytes = new TextEncoder().encode('survey')

it('derives the key of RFC 8032, test 1, from its seed', () => {
  const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
  const signer = signerFromSeed(seed)
  expect(Buffer.from(signer.publicKey).toString('hex')).toBe(
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  )
  expect(Buffer.from(signer.sign(new Uint8Array())).toString('hex').slice(0, 16)).toBe('e5564300c360ac72')
})

it('signs and verifies, also once the cache of keys has overflowed', () => {
  const primitives = createNodePrimitives({ keysMax: 2 })
  const signers = Array.from({ length: 5 }, generateSigner)
  for (const signer of [...signers, ...signers]) {
    expect(primitives.verify(signer.publicKey, bytes, signer.sign(bytes))).toBe(true)
  }
})

it('answers false, without throwing, for lengths that cannot be', () => {
  const signer = generateSigner()
  expect(nodePrimitives.verify(signer.publicKey.subarray(1), bytes, signer.sign(bytes))).toBe(false)
  expect(nodePrimitives.verify(signer.publicKey, bytes, signer.sign(bytes).subarray(1))).toBe(false)
  expect(nodePrimitives.verify(new Uint8Array(32).fill(255), bytes, signer.sign(bytes))).toBe(false)
})

it('saves and loads a signer', () => {
  const signer = generateSigner()
  const loaded = importSigner(signer.exportPkcs8())
  expect(loaded.keyId).toBe(signer.keyId)
  expect(nodePrimitives.verify(signer.publicKey, bytes, loaded.sign(bytes))).toBe(true)
})

it('refuses a seed or a file that is no Ed25519 key', () => {
  expect(() => signerFromSeed(new Uint8Array(31))).toThrow(RangeError)
  expect(() => importSigner('not a key')).toThrow()
})
