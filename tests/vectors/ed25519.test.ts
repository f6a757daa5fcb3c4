import { createRegistry, createVerifier, keyIdOf, smallOrderKey, toBase64 } from '@infrafabric/protocol'
import { nodePrimitives } from '@infrafabric/runtime'
import { describe, expect, test } from 'vitest'
import {
  coordinator,
  draftOf,
  grantOf,
  h01,
  openRegistry,
  primitives,
  SESSION,
} from '../../packages/protocol/scripts/cast.ts'
import { resign } from '../../packages/protocol/scripts/resign.ts'
import vectors from './ed25519.json' with { type: 'json' }
import {
  add,
  BASE,
  challenge,
  decode,
  encode,
  equal,
  IDENTITY,
  L,
  littleEndian,
  negative,
  numberOf,
  P,
  type Point,
  times,
  verifies,
} from './edwards25519.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const lowOrder = vectors.low_order.map(hex)
const canonicalLowOrder = lowOrder.filter((bytes) => {
  const point = decode(bytes)
  return point !== undefined && Buffer.from(encode(point)).equals(bytes)
})

/** What this system does with a key and a signature, the points checked before all else. */
function accepted(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const weak = smallOrderKey(key) || smallOrderKey(signature.subarray(0, 32))
  return !weak && nodePrimitives.verify(key, message, signature)
}

function signatureOf(r: Uint8Array, s: bigint): Uint8Array {
  return Uint8Array.from([...r, ...littleEndian(s)])
}

/** A message for which k fits, of the first few hundred. */
function messageWhere(r: Uint8Array, key: Uint8Array, fits: (k: bigint) => boolean): Uint8Array {
  for (let number = 0; number < 500; number++) {
    const message = utf8(`ed25519 ${number}`)
    if (fits(challenge(r, key, message))) return message
  }
  throw new Error('no message fits')
}

describe('the vectors of RFC 8032', () => {
  test.each(vectors.rfc8032)('verify, here and by plain arithmetic: message "$message"', (vector) => {
    const [key, message, signature] = [vector.key, vector.message, vector.signature].map(hex) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    expect(accepted(key, message, signature)).toBe(true)
    expect(verifies(key, message, signature)).toBe(true)
  })

  test('fail with any bit of signature or key changed', () => {
    const [vector] = vectors.rfc8032
    const key = hex(vector?.key ?? '')
    const signature = hex(vector?.signature ?? '')
    for (let bit = 0; bit < 96 * 8; bit++) {
      const both = Uint8Array.from([...key, ...signature])
      both[bit >> 3] = (both[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(accepted(both.subarray(0, 32), new Uint8Array(), both.subarray(32))).toBe(false)
    }
  })
})

describe('points of low order', () => {
  test('are what the table says: eight points in fourteen encodings, each of order 1, 2, 4 or 8', () => {
    expect(new Set(vectors.low_order).size).toBe(14)
    expect(canonicalLowOrder).toHaveLength(8)
    for (const bytes of lowOrder) {
      const point = decode(bytes)
      expect(point && equal(times(8n, point), IDENTITY)).toBe(true)
    }
  })

  test.each(vectors.low_order)('is refused as a key wherever one is taken in: %s', (text) => {
    const key = hex(text)
    expect(smallOrderKey(key)).toBe(true)
    expect(() => createRegistry({ session: SESSION, operatorKey: key, primitives })).toThrow(
      'not a usable key',
    )
    const grant = grantOf('h09', 'worker', h01, {
      public_key: toBase64(key),
      key_id: keyIdOf(key, primitives),
    })
    expect(openRegistry().admit(resign({ ...grant }, coordinator, { type: GRANT }))).toMatchObject({
      ok: false,
      code: 'weak-key',
    })
  })

  const GRANT = 'application/vnd.infrafabric.grant.v1+json'

  test('are refused as a key though the equation of Ed25519 holds, for every R of low order', () => {
    let held = 0
    for (const key of lowOrder) {
      for (const r of canonicalLowOrder) {
        const a = decode(key) as Point
        const rest = decode(r) as Point
        const message = findMessage(r, key, (k) => equal(add(rest, times(k % 8n, a)), IDENTITY))
        if (message === undefined) continue
        held++
        const signature = signatureOf(r, 0n)
        expect(verifies(key, message, signature)).toBe(true)
        expect(accepted(key, message, signature)).toBe(false)
      }
    }
    expect(held).toBeGreaterThan(40)
  })

  test('are refused at verification should one stand in a registry', () => {
    const registry = openRegistry()
    for (const key of lowOrder) {
      const entry = { grant: grantOf('h01', 'worker', h01), publicKey: key, mayAddress: () => true }
      const verifier = createVerifier({
        primitives: { ...primitives, verify: () => true },
        registry: { ...registry, find: () => entry },
      })
      const wire = resign({ ...draftOf(1) } as never, h01, { publicKey: key })
      expect(verifier.verify(wire)).toMatchObject({ ok: false, code: 'weak-key' })
    }
  })

  test('are refused as R of a usable key, though releases of OpenSSL differ', () => {
    const a = 1234567n
    const key = encode(times(a, BASE))
    const lenient = { ...primitives, verify: verifies }
    for (const r of lowOrder) {
      const makesFit = (body: Uint8Array): Uint8Array => signatureOf(r, (challenge(r, key, body) * a) % L)
      // Only the neutral element can be R of an equation whose other points are of prime order.
      const fits = Buffer.from(r).equals(encode(IDENTITY))
      expect(verifies(key, utf8('m'), makesFit(utf8('m')))).toBe(fits)
      const signer = { publicKey: key, keyId: keyIdOf(key, primitives), sign: makesFit }
      const registry = createRegistry({ session: SESSION, operatorKey: key, primitives: lenient })
      const grant = grantOf('operator', 'operator', signer as never, { issuer_key_id: signer.keyId })
      expect(registry.admit(resign({ ...grant } as never, signer, { type: GRANT }))).toMatchObject({
        ok: false,
        code: 'bad-signature',
      })
      const honest = { ...signer, sign: (body: Uint8Array) => honestSignature(a, body) }
      expect(registry.admit(resign({ ...grant } as never, honest, { type: GRANT })).ok).toBe(true)
    }
  })
})

/** With a scalar instead of a seed: r need not be secret here. */
function honestSignature(a: bigint, body: Uint8Array): Uint8Array {
  const r = 424242n
  const point = encode(times(r, BASE))
  return signatureOf(point, (r + challenge(point, encode(times(a, BASE)), body) * a) % L)
}

describe('points that are not canonical', () => {
  test('every y from p on is refused as a key, with both signs', () => {
    for (let y = P; y < 2n ** 255n; y++) {
      expect(smallOrderKey(littleEndian(y))).toBe(true)
      expect(smallOrderKey(littleEndian(y + 2n ** 255n))).toBe(true)
    }
    expect(smallOrderKey(littleEndian(P - 2n))).toBe(false)
  })

  test('keys that are no points verify nothing, and nothing throws', () => {
    let none = 0
    for (let y = 2n; y < 60n; y++) {
      const key = littleEndian(y)
      if (decode(key) !== undefined) continue
      none++
      expect(accepted(key, utf8('m'), signatureOf(encode(BASE), 1n))).toBe(false)
    }
    expect(none).toBeGreaterThan(10)
  })
})

describe('keys with a component of low order, the known limit', () => {
  const torsion = decode(hex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')) as Point
  const [a, r] = [987654321n, 55555n]
  const key = encode(add(times(a, BASE), torsion))
  const plainR = encode(times(r, BASE))

  test('verify where the component cancels out', () => {
    const message = messageWhere(plainR, key, (k) => k % 8n === 0n)
    const signature = signatureOf(plainR, (r + challenge(plainR, key, message) * a) % L)
    expect(verifies(key, message, signature)).toBe(true)
    expect(accepted(key, message, signature)).toBe(true)
  })

  test('do not verify where a component is left that only a cofactor would remove', () => {
    const message = messageWhere(plainR, key, (k) => k % 8n !== 0n)
    const signature = signatureOf(plainR, (r + challenge(plainR, key, message) * a) % L)
    expect(verifies(key, message, signature)).toBe(false)
    expect(accepted(key, message, signature)).toBe(false)
  })

  test('verify where R carries what the key leaves', () => {
    for (let part = 1n; part < 8n; part++) {
      const point = add(times(r, BASE), negative(times(part, torsion)))
      const message = messageWhere(encode(point), key, (k) => k % 8n === part)
      const signature = signatureOf(encode(point), (r + challenge(encode(point), key, message) * a) % L)
      expect(accepted(key, message, signature)).toBe(verifies(key, message, signature))
      expect(accepted(key, message, signature)).toBe(true)
    }
  })
})

describe('signatures at the edges', () => {
  const key = h01.publicKey
  const good = h01.sign(utf8('m'))
  const s = numberOf(good.subarray(32))

  test('S with the order added, once to fifteen times, is refused', () => {
    expect(accepted(key, utf8('m'), good)).toBe(true)
    for (let times = 1n; s + times * L < 2n ** 256n; times++) {
      expect(accepted(key, utf8('m'), signatureOf(good.subarray(0, 32), s + times * L))).toBe(false)
    }
  })

  test('R and S of 0, 1, L - 1, L, p - 1, p and all ones are refused', () => {
    const edges = [0n, 1n, L - 1n, L, P - 1n, P, 2n ** 255n - 1n, 2n ** 256n - 1n]
    for (const r of edges) {
      for (const edge of edges) {
        const signature = signatureOf(littleEndian(r), edge)
        expect(accepted(key, utf8('?'), signature)).toBe(verifies(key, utf8('?'), signature))
        expect(accepted(key, utf8('?'), signature)).toBe(false)
      }
    }
  })

  test('of another length is refused: empty, cut, with bytes before, between or after', () => {
    for (let length = 0; length < 64; length++)
      expect(accepted(key, utf8('m'), good.subarray(0, length))).toBe(false)
    for (const zeros of [1, 2, 32, 64]) {
      const pad = new Uint8Array(zeros)
      const [r, rest] = [good.subarray(0, 32), good.subarray(32)]
      for (const parts of [
        [pad, good],
        [good, pad],
        [r, pad, rest],
      ]) {
        expect(accepted(key, utf8('m'), Uint8Array.from(Buffer.concat(parts)))).toBe(false)
      }
    }
  })
})

function findMessage(r: Uint8Array, key: Uint8Array, fits: (k: bigint) => boolean): Uint8Array | undefined {
  for (let number = 0; number < 40; number++) {
    const message = utf8(`ed25519 ${number}`)
    if (fits(challenge(r, key, message))) return message
  }
  return undefined
}
