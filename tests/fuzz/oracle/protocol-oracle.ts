import { createHash, createPublicKey, verify } from 'node:crypto'
import writeCanonical from 'canonicalize'

/**
 * A second verifier, written from docs/protocol alone and sharing nothing with packages/protocol: another
 * implementation of RFC 8785, keys as JWK, base64 by Buffer, the tree top down. Whatever the two do not judge alike
 * is a fault in one of them, or in the pages.
 */
export class Oracle {
  readonly #session: string
  readonly #operatorKey: Buffer
  readonly #entries = new Map<string, Value>()
  readonly #holders = new Map<string, string>()
  readonly #owners = new Map<string, string>()
  readonly #revoked = new Set<string>()

  constructor(session: string, operatorKey: Uint8Array) {
    this.#session = session
    this.#operatorKey = Buffer.from(operatorKey)
    this.#owners.set(idOfKey(this.#operatorKey), `if://agent/${session}/operator`)
  }

  revoke(keyId: string): void {
    this.#revoked.add(keyId)
  }

  admit = (wire: string): string => outcome(() => this.#admit(wire))
  verify = (wire: string): string => outcome(() => this.#verify(wire))
  attest = (wire: string): string => outcome(() => this.#attest(wire))

  #admit(wire: string): void {
    const grant = read(wire, 524_288)
    const { signature, ...body } = grant
    need(exactly(body, GRANT_MEMBERS), 'malformed')
    need(grant.v === 1 && like(SESSION, grant.session_id), 'malformed')
    const agent = new RegExp(`^if://agent/${grant.session_id}/${AGENT}$`)
    need(like(agent, grant.agent) && like(agent, grant.issuer), 'malformed')
    need(ROLES.includes(String(grant.role)) && typeof grant.role === 'string', 'malformed')
    const performatives = different(grant.performatives)
    need(
      performatives.every((one) => PERFORMATIVES.has(one)),
      'malformed',
    )
    const receivers = different(grant.receivers)
    need(receivers.length >= 1 && receivers.length <= 1_000, 'malformed')
    need(
      (receivers.length === 1 && receivers[0] === '*') || receivers.every((one) => agent.test(one)),
      'malformed',
    )
    need(whole(grant.epoch) && whole(grant.issued_at) && like(KEY_ID, grant.issuer_key_id), 'malformed')
    const key = base64(grant.public_key, 32)
    need(grant.key_id === idOfKey(key), 'malformed')
    const signed = readSignature(signature)
    need(grant.session_id === this.#session, 'wrong-scope')
    need(!weak(key), 'weak-key')
    const keyId = String(grant.key_id)
    const issuerKeyId = String(grant.issuer_key_id)
    need(!this.#revoked.has(keyId) && !this.#revoked.has(issuerKeyId), 'revoked-key')
    this.#judgeIssuer(grant, performatives, receivers, signed.key)
    check('grant.v1+json', body, signed)
    const place = `${grant.epoch} ${keyId}`
    const holder = `${grant.epoch} ${grant.agent}`
    const known = this.#entries.get(place)
    if (known !== undefined && said(known) === said(grant)) return
    need(known === undefined && !this.#holders.has(holder), 'conflict')
    need((this.#owners.get(keyId) ?? grant.agent) === grant.agent, 'conflict')
    this.#entries.set(place, grant)
    this.#holders.set(holder, keyId)
    this.#owners.set(keyId, String(grant.agent))
  }

  #judgeIssuer(grant: Value, performatives: string[], receivers: string[], signingKey: Buffer): void {
    const operator = `if://agent/${this.#session}/operator`
    if (grant.role === 'operator' || grant.role === 'coordinator') {
      need(grant.issuer === operator && grant.issuer_key_id === idOfKey(this.#operatorKey), 'unknown-issuer')
      need(signingKey.equals(this.#operatorKey), 'unknown-issuer')
      const named = grant.agent === operator
      const keyed = grant.key_id === idOfKey(this.#operatorKey)
      need(grant.role === 'operator' ? named && keyed : !named, 'too-wide')
      return
    }
    need(!performatives.some((one) => OF_AUTHORITY.has(one)), 'too-wide')
    need(grant.agent !== operator, 'too-wide')
    const issuer = this.#entries.get(`${grant.epoch} ${grant.issuer_key_id}`)
    need(issuer?.role === 'coordinator' && issuer.agent === grant.issuer, 'unknown-issuer')
    need(signingKey.equals(base64(issuer.public_key, 32)), 'unknown-issuer')
    const own = different(issuer.performatives)
    need(
      performatives.every((one) => own.includes(one)),
      'too-wide',
    )
    const may = different(issuer.receivers)
    need(may[0] === '*' || receivers.every((one) => one === grant.issuer || may.includes(one)), 'too-wide')
  }

  #verify(wire: string): void {
    const message = read(wire, 73_728)
    need(!/[\ufffe\uffff]/.test(wire), 'malformed')
    const { signature, ...body } = message
    need(exactly(body, MESSAGE_MEMBERS), 'malformed')
    need(message.v === 1 && typeof message.performative === 'string', 'malformed')
    const performative = String(message.performative)
    need(PERFORMATIVES.has(performative), 'malformed')
    for (const one of ['sender', 'receiver', 'conversation_id', 'message_id']) {
      need(typeof message[one] === 'string', 'malformed')
    }
    need(like(SESSION, message.session_id) && like(KEY_ID, message.key_id), 'malformed')
    need(whole(message.timestamp) && whole(message.epoch) && whole(message.seq), 'malformed')
    need(message.in_reply_to === null || typeof message.in_reply_to === 'string', 'malformed')
    need(message.expires_at === null || whole(message.expires_at), 'malformed')
    this.#judgeCitation(message.citation)
    need(Buffer.byteLength(writeCanonical(message.content) ?? '') <= 65_536, 'too-large')
    need(message.session_id === this.#session, 'wrong-scope')
    const prefix = `if://agent/${this.#session}/`
    const agent = new RegExp(`^${prefix}(${AGENT})$`)
    const sender = agent.exec(String(message.sender))?.[1]
    need(sender !== undefined && like(agent, message.receiver), 'wrong-scope')
    const topic = /^if:\/\/conversation\/([^/]*)\/([A-Za-z0-9._~:-]{1,128})$/.exec(
      String(message.conversation_id),
    )
    need(topic?.[1] === this.#session && topic[2] !== '.' && topic[2] !== '..', 'wrong-scope')
    const own = `if://message/${this.#session}/${sender}/${message.epoch}.${message.seq}`
    need(message.message_id === own, 'wrong-scope')
    const reply = new RegExp(
      `^if://message/${this.#session}/${AGENT}/(0|[1-9]\\d{0,15})\\.(0|[1-9]\\d{0,15})$`,
    )
    need(message.in_reply_to === null || like(reply, message.in_reply_to), 'wrong-scope')
    const signed = readSignature(signature)
    const grant = this.#entries.get(`${message.epoch} ${message.key_id}`)
    need(grant !== undefined && grant.agent === message.sender, 'unknown-key')
    need(base64(grant.public_key, 32).equals(signed.key), 'unknown-key')
    need(!weak(signed.key), 'weak-key')
    need(!this.#revoked.has(String(message.key_id)), 'revoked-key')
    need(different(grant.performatives).includes(performative), 'not-granted')
    const receivers = different(grant.receivers)
    need(receivers[0] === '*' || receivers.includes(String(message.receiver)), 'not-granted')
    check('bus.v1+json', body, signed)
  }

  #judgeCitation(citation: unknown): void {
    if (citation === null) return
    need(isRecord(citation) && exactly(citation, ['evidence_hash', 'source_url']), 'malformed')
    need(like(/^[0-9a-f]{64}$/, citation.evidence_hash), 'malformed')
    const url = citation.source_url
    need(typeof url === 'string' && url.length >= 1 && url.length <= 2_048, 'malformed')
  }

  #attest(wire: string): void {
    const checkpoint = read(wire, 4_096)
    const { signature, ...body } = checkpoint
    need('signature' in checkpoint && exactly(body, CHECKPOINT_MEMBERS), 'malformed')
    need(checkpoint.v === 1 && like(SESSION, checkpoint.session_id), 'malformed')
    need(whole(checkpoint.at) && whole(checkpoint.epoch) && whole(checkpoint.size), 'malformed')
    need(like(/^[0-9a-f]{64}$/, checkpoint.head) && like(KEY_ID, checkpoint.key_id), 'malformed')
    need(checkpoint.session_id === this.#session, 'wrong-scope')
    const signed = readSignature(signature)
    const grant = this.#entries.get(`${checkpoint.epoch} ${checkpoint.key_id}`)
    need(grant?.role === 'coordinator' && base64(grant.public_key, 32).equals(signed.key), 'unknown-key')
    need(!this.#revoked.has(String(checkpoint.key_id)), 'revoked-key')
    check('checkpoint.v1+json', body, signed)
  }
}

type Value = { [member: string]: unknown }

const SESSION = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const AGENT = '[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?'
const KEY_ID = /^ed25519:[0-9a-f]{32}$/
const ROLES = ['operator', 'coordinator', 'planner', 'worker', 'synthesizer']
const PERFORMATIVES = new Set(
  (
    'request agree refuse inform failure cancel not-understood propose accept-proposal reject-proposal query-ref ' +
    'confirm disconfirm subscribe escalate'
  ).split(' '),
)
const OF_AUTHORITY = new Set(['request', 'cancel', 'accept-proposal', 'reject-proposal'])
const MESSAGE_MEMBERS = (
  'citation content conversation_id epoch expires_at in_reply_to key_id message_id performative receiver sender seq ' +
  'session_id timestamp v'
).split(' ')
const GRANT_MEMBERS =
  'agent epoch issued_at issuer issuer_key_id key_id performatives public_key receivers role session_id v'.split(
    ' ',
  )
const CHECKPOINT_MEMBERS = 'at epoch head key_id session_id size v'.split(' ')

const P = 2n ** 255n - 19n
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const WEAK_Y = new Set([
  0n,
  1n,
  P - 1n,
  littleEndian(Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex')),
  littleEndian(Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex')),
])

class Refusal extends Error {}

function need(holds: boolean, code: string): asserts holds {
  if (!holds) throw new Refusal(code)
}

function outcome(judge: () => void): string {
  try {
    judge()
    return 'ok'
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

/** `ok`, or `not-canonical`, by the first page of docs/protocol. */
export function canonicalOutcome(text: string): string {
  return outcome(() => {
    parse(text)
  })
}

function parse(text: string): unknown {
  let value: unknown
  let written: string | undefined
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refusal('not-canonical')
  }
  need(depthOf(value) <= 32, 'not-canonical')
  try {
    written = writeCanonical(value)
  } catch {
    throw new Refusal('not-canonical')
  }
  need(written === text && text.isWellFormed(), 'not-canonical')
  return value
}

/** Level by level: no recursion that a bomb could overflow. */
function depthOf(value: unknown): number {
  let depth = 0
  let level: unknown[] = [value]
  for (;;) {
    level = level.filter((one) => typeof one === 'object' && one !== null)
    if (level.length === 0) return depth
    depth++
    level = level.flatMap((one) => Object.values(one as object))
  }
}

function read(wire: string, bytesMax: number): Value {
  need(Buffer.byteLength(wire) <= bytesMax, 'too-large')
  const value = parse(wire)
  need(isRecord(value), 'malformed')
  return value
}

function isRecord(value: unknown): value is Value {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function exactly(value: Value, members: readonly string[]): boolean {
  return Object.keys(value).sort().join() === [...members].sort().join()
}

function like(pattern: RegExp, value: unknown): boolean {
  return typeof value === 'string' && pattern.test(value)
}

function whole(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 53
}

function different(value: unknown): string[] {
  need(Array.isArray(value) && value.every((one) => typeof one === 'string'), 'malformed')
  need(new Set(value).size === value.length, 'malformed')
  return value as string[]
}

function base64(value: unknown, length: number): Buffer {
  need(typeof value === 'string', 'malformed')
  const bytes = Buffer.from(value, 'base64')
  need(bytes.length === length && bytes.toString('base64') === value, 'malformed')
  return bytes
}

function sha256(...parts: Uint8Array[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest()
}

function idOfKey(key: Uint8Array): string {
  return `ed25519:${sha256(key).toString('hex').slice(0, 32)}`
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

function weak(key: Buffer): boolean {
  const y = littleEndian(key) & (2n ** 255n - 1n)
  return y >= P || WEAK_Y.has(y)
}

interface Signed {
  key: Buffer
  bytes: Buffer
  proof: { index: number; size: number; hashes: Buffer[] } | null
}

function readSignature(value: unknown): Signed {
  need(isRecord(value), 'malformed')
  need(value.algorithm === 'ed25519' || value.algorithm === 'ed25519-batch', 'unknown-algorithm')
  const batch = value.algorithm === 'ed25519-batch'
  const members = ['algorithm', 'public_key', 'signature_bytes', ...(batch ? ['proof'] : [])]
  need(exactly(value, members), 'malformed')
  const key = base64(value.public_key, 32)
  const bytes = base64(value.signature_bytes, 64)
  if (!batch) return { key, bytes, proof: null }
  const { proof } = value
  need(isRecord(proof) && exactly(proof, ['hashes', 'leaf_index', 'tree_size']), 'malformed')
  const size = Number(proof.tree_size)
  const index = Number(proof.leaf_index)
  need(whole(proof.tree_size) && size >= 2 && size <= 1_048_576, 'malformed')
  need(whole(proof.leaf_index) && index < size, 'malformed')
  need(Array.isArray(proof.hashes) && proof.hashes.length <= 20, 'malformed')
  return { key, bytes, proof: { index, size, hashes: proof.hashes.map((one) => base64(one, 32)) } }
}

function encoding(type: string, body: Uint8Array): Buffer {
  const name = `application/vnd.infrafabric.${type}`
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(name)} ${name} ${body.length} `), body])
}

/** RFC 9162, 2.1.3: the root of the subtree of `size` leaves that holds `index`; takes hashes from the end. */
function rootOf(leaf: Buffer, index: number, size: number, hashes: Buffer[]): Buffer {
  if (size === 1) return leaf
  let left = 1
  while (left * 2 < size) left *= 2
  const other = hashes.pop()
  need(other !== undefined, 'bad-proof')
  return index < left
    ? sha256(Buffer.of(1), rootOf(leaf, index, left, hashes), other)
    : sha256(Buffer.of(1), other, rootOf(leaf, index - left, size - left, hashes))
}

function check(type: string, body: Value, { key, bytes, proof }: Signed): void {
  let signed = encoding(type, Buffer.from(writeCanonical(body) ?? ''))
  if (proof !== null) {
    const hashes = [...proof.hashes]
    const root = rootOf(sha256(Buffer.of(0), signed), proof.index, proof.size, hashes)
    need(hashes.length === 0, 'bad-proof')
    const size = Buffer.alloc(8)
    size.writeBigUInt64BE(BigInt(proof.size))
    signed = encoding('batch.v1', Buffer.concat([size, root]))
  }
  need(littleEndian(bytes.subarray(32)) < L && !weak(bytes.subarray(0, 32)), 'bad-signature')
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') }
  const good = verify(null, signed, createPublicKey({ key: jwk, format: 'jwk' }), bytes)
  need(good, 'bad-signature')
}

function said(grant: Value): string {
  const { agent, role, issuer, issuer_key_id: keyId } = grant
  const sets = [different(grant.performatives), different(grant.receivers)].map((one) => [...one].sort())
  return JSON.stringify([agent, role, issuer, keyId, sets])
}
