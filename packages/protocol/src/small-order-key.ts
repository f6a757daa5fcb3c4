/**
 * Whether a public key is one of small order or not the canonical encoding of its point. With such a key one
 * signature fits every message, and some libraries accept it. The sign bit is ignored, and with it both encodings
 * of each y; y ≥ p covers every encoding that is not canonical. Also true when the key is not 32 bytes long.
 * The values are those of libsodium's ge25519_has_small_order, which follow from the curve.
 */
export function smallOrderKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32) return true
  return isAbove(publicKey, LAST_CANONICAL_Y) || SMALL_ORDER_Y.some((y) => equalsY(publicKey, y))
}

/** y of the points of order 1, 2, 4 and 8, little-endian. */
const SMALL_ORDER_Y = [
  '0100000000000000000000000000000000000000000000000000000000000000', // order 1
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // order 2: p - 1
  '0000000000000000000000000000000000000000000000000000000000000000', // order 4
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', // order 8
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', // order 8
].map(bytesOf)

/** p - 1, where p = 2^255 - 19. */
const LAST_CANONICAL_Y = bytesOf('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')

/** The order of the base point, little-endian. */
const GROUP_ORDER = bytesOf('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')

/** RFC 8032, section 5.1.7: S, the second half of a signature, must be below the group's order. */
export function hasCanonicalScalar(signature: Uint8Array): boolean {
  for (let at = 31; at >= 0; at--) {
    const byte = signature[32 + at] ?? 0
    const limit = GROUP_ORDER[at] ?? 0
    if (byte !== limit) return byte < limit
  }
  return false
}

function byteOfY(key: Uint8Array, at: number): number {
  return at === 31 ? (key[at] ?? 0) & 0x7f : (key[at] ?? 0)
}

function equalsY(key: Uint8Array, y: Uint8Array): boolean {
  for (let at = 0; at < 32; at++) if (byteOfY(key, at) !== y[at]) return false
  return true
}

function isAbove(key: Uint8Array, y: Uint8Array): boolean {
  for (let at = 31; at >= 0; at--) {
    const byte = byteOfY(key, at)
    const limit = y[at] ?? 0
    if (byte !== limit) return byte > limit
  }
  return false
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16))
}
