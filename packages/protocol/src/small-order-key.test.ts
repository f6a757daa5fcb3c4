import { expect, it } from 'vitest'
import { generateSigner, primitives } from '../scripts/cast.ts'
import { hasCanonicalScalar, smallOrderKey } from './small-order-key.ts'
import { utf8 } from './utf8.ts'

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

it.each(
  [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ].flatMap((hex) => [hex, hex.slice(0, 62) + (Number.parseInt(hex.slice(62), 16) | 0x80).toString(16)]),
)('refuses the key %s', (hex) => {
  expect(smallOrderKey(bytesOf(hex))).toBe(true)
})

it('refuses a key of another length', () => {
  expect(smallOrderKey(new Uint8Array(31).fill(7))).toBe(true)
  expect(smallOrderKey(new Uint8Array(33).fill(7))).toBe(true)
})

it('lets real keys pass', () => {
  for (let at = 0; at < 50; at++) expect(smallOrderKey(generateSigner().publicKey)).toBe(false)
})

// S of a real signature is below the order by definition; adding the order gives the same point.
it('refuses an S that is not below the order', () => {
  const signature = generateSigner().sign(utf8('x'))
  expect(hasCanonicalScalar(signature)).toBe(true)
  const order = bytesOf('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
  const raised = Uint8Array.from(signature)
  let carry = 0
  for (let at = 0; at < 32; at++) {
    const sum = (signature[32 + at] ?? 0) + (order[at] ?? 0) + carry
    raised[32 + at] = sum & 255
    carry = sum >> 8
  }
  expect(hasCanonicalScalar(raised)).toBe(false)
  const equal = new Uint8Array(64)
  equal.set(order, 32)
  expect(hasCanonicalScalar(equal)).toBe(false)
})

// RFC 8032, section 7.1, tests 1 to 3.
it.each([
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
])('verifies the RFC 8032 vector of key %s', (key, message, signature) => {
  expect(primitives.verify(bytesOf(key), bytesOf(message), bytesOf(signature))).toBe(true)
  expect(primitives.verify(bytesOf(key), bytesOf(`${message}00`), bytesOf(signature))).toBe(false)
})
