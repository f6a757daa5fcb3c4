import { createHash } from 'node:crypto'

/**
 * The curve of Ed25519 in plain arithmetic, from RFC 8032, section 5.1: slow, leaking and good for tests only. It
 * shares nothing with OpenSSL, and can make what no honest signer makes.
 */
export const P = 2n ** 255n - 19n
/** The order of the base point. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n
const D = mod(-121665n * inverse(121666n))

export interface Point {
  x: bigint
  y: bigint
}

export const IDENTITY: Point = { x: 0n, y: 1n }
export const BASE: Point = baseOf(mod(4n * inverse(5n)))

function mod(value: bigint, by = P): bigint {
  const rest = value % by
  return rest < 0n ? rest + by : rest
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = mod(base)
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = mod(result * square)
    square = mod(square * square)
  }
  return result
}

function inverse(value: bigint): bigint {
  return power(value, P - 2n)
}

/** Either square root of (y² - 1) / (dy² + 1); undefined when there is none. */
function xOf(y: bigint): bigint | undefined {
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n))
  let x = power(square, (P + 3n) / 8n)
  if (mod(x * x - square) !== 0n) x = mod(x * power(2n, (P - 1n) / 4n))
  return mod(x * x - square) === 0n ? x : undefined
}

function baseOf(y: bigint): Point {
  const x = xOf(y) ?? 0n
  return { x: (x & 1n) === 0n ? x : P - x, y }
}

export function add(one: Point, other: Point): Point {
  const product = mod(D * one.x * other.x * one.y * other.y)
  return {
    x: mod((one.x * other.y + one.y * other.x) * inverse(1n + product)),
    y: mod((one.y * other.y + one.x * other.x) * inverse(1n - product)),
  }
}

export function negative({ x, y }: Point): Point {
  return { x: mod(-x), y }
}

export function equal(one: Point, other: Point): boolean {
  return one.x === other.x && one.y === other.y
}

/** In projective coordinates, which need one inversion in all. */
export function times(scalar: bigint, point: Point): Point {
  let [x, y, z] = [0n, 1n, 1n]
  for (const bit of scalar.toString(2)) {
    ;[x, y, z] = sum([x, y, z], [x, y, z])
    if (bit === '1') [x, y, z] = sum([x, y, z], [point.x, point.y, 1n])
  }
  const scale = inverse(z)
  return { x: mod(x * scale), y: mod(y * scale) }
}

type Projective = [x: bigint, y: bigint, z: bigint]

function sum([x1, y1, z1]: Projective, [x2, y2, z2]: Projective): Projective {
  const a = mod(z1 * z2)
  const b = mod(a * a)
  const c = mod(x1 * x2)
  const d = mod(y1 * y2)
  const e = mod(D * c * d)
  const f = b - e
  const g = b + e
  return [mod(a * f * ((x1 + y1) * (x2 + y2) - c - d)), mod(a * g * (d + c)), mod(f * g)]
}

export function encode({ x, y }: Point): Uint8Array {
  return littleEndian(y | ((x & 1n) << 255n))
}

export function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse())
}

export function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

/** Takes y as it is, reduced: encodings that RFC 8032 refuses become points too. Undefined: not on the curve. */
export function decode(bytes: Uint8Array): Point | undefined {
  const number = numberOf(bytes)
  const y = mod(number & (2n ** 255n - 1n))
  const x = xOf(y)
  if (x === undefined) return undefined
  return { x: (x & 1n) === number >> 255n ? x : mod(-x), y }
}

/** k = SHA-512(R ‖ A ‖ message), with the encodings as they stand in the signature and the key. */
export function challenge(r: Uint8Array, key: Uint8Array, message: Uint8Array): bigint {
  return mod(numberOf(createHash('sha512').update(r).update(key).update(message).digest()), L)
}

/**
 * [S]B = R + [k]A without the cofactor, where R must be the canonical encoding of that point and S below L. Keys
 * are taken as they are: which of them are weak is another question.
 */
export function verifies(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const r = signature.subarray(0, 32)
  const s = numberOf(signature.subarray(32))
  const a = decode(key)
  if (a === undefined || s >= L) return false
  const k = challenge(r, key, message)
  return Buffer.from(encode(add(times(s, BASE), times(k, negative(a))))).equals(r)
}
