import {
  agentName,
  type Checkpoint,
  canonicalize,
  chainHash,
  chainStart,
  inclusionProof,
  type Json,
  type JsonObject,
  keyIdOf,
  leafHash,
  messageName,
  PAYLOAD_TYPES,
  preAuthenticationEncoding,
  seal,
  sealCheckpoint,
  sealGrants,
  toBase64,
  treeOf,
  utf8,
} from '../src/index.ts'
import {
  coordinator,
  draftOf,
  EPOCH,
  grantOf,
  h01,
  h02,
  NOW,
  openingGrants,
  operator,
  primitives,
  SESSION,
  stranger,
} from './cast.ts'
import { resign } from './resign.ts'

export type Step =
  | { name: string; do: 'admit-grant' | 'verify-message' | 'verify-checkpoint'; wire: string; expect: string }
  | { name: string; do: 'revoke-key'; key_id: string }

/** Every vector file of docs/protocol/vectors, by its name. The same in every run. */
export function vectorFiles(): Record<string, unknown> {
  return {
    'canonical.json': canonicalVectors(),
    'encoding.json': encodingVectors(),
    'tree.json': treeVectors(),
    'session.json': { session: SESSION, operator_key: toBase64(operator.publicKey), steps: sessionSteps() },
    'journal.json': journalVectors(),
  }
}

function canonicalVectors() {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  return {
    canonical: [
      'null',
      '{}',
      '{"10":1,"9":2}',
      '{"\\r":1,"1":2,"\u0080":3,"\u00f6":4,"\u20ac":5,"\ud83d\ude00":6,"\ufb33":7}',
      '"\\b\\t\\n\\f\\r\\"\\\\\\u000f/\u007f\u2028"',
      '[0,-1,1e+21,1e-7,0.000001,9007199254740992,5e-324,1.7976931348623157e+308,333333333.3333333]',
      '{"__proto__":1}',
      nested(32),
    ],
    not_canonical: [
      ['blank', '{ }'],
      ['line break at the end', '{}\n'],
      ['byte order mark', '\ufeff{}'],
      ['repeated member', '{"a":1,"a":1}'],
      ['members not sorted', '{"b":1,"a":2}'],
      ['sorted by code point, not by code unit', '{"\ufb33":1,"\ud83d\ude00":2}'],
      ['infinite', '1e400'],
      ['not a double', '9007199254740993'],
      ['negative zero', '-0'],
      ['trailing zero', '1.0'],
      ['exponent form', '1e2'],
      ['upper-case escape', '"\\u000F"'],
      ['needless escape', '"\\u0041"'],
      ['escaped solidus', '"\\/"'],
      ['lone surrogate', '"\\ud800"'],
      ['too deep', nested(33)],
      ['not JSON', '{a:1}'],
      ['NaN', 'NaN'],
      ['empty', ''],
    ].map(([name, text]) => ({ name, text })),
  }
}

function encodingVectors() {
  return [
    ['http://example.com/HelloWorld', 'hello world'],
    [PAYLOAD_TYPES.message, ''],
    [PAYLOAD_TYPES.message, '{"ä":"€"}'],
  ].map(([type = '', body = '']) => ({
    type,
    body,
    encoded: toBase64(preAuthenticationEncoding(type, utf8(body))),
  }))
}

function treeVectors() {
  return [1, 2, 3, 4, 5, 6, 7, 8, 21].map((size) => {
    const leaves = Array.from({ length: size }, (_, at) => leafHash(utf8(`leaf ${at}`), primitives))
    const tree = treeOf(leaves, primitives)
    return {
      size,
      root: toBase64(tree.root),
      proofs: leaves.map((_, at) => inclusionProof(tree, at).map(toBase64)),
    }
  })
}

function journalVectors() {
  const bodies = [
    '{"at":1764000000000,"kind":"opened"}',
    '{"at":1764000000001,"kind":"time-passed"}',
    '{"text":"Größe"}',
  ]
  let hash = chainStart(SESSION, primitives)
  const start = hash
  return {
    session: SESSION,
    start,
    entries: bodies.map((body) => {
      hash = chainHash(hash, body, primitives)
      return { body, hash }
    }),
  }
}

function sessionSteps(): Step[] {
  const steps: Step[] = openingGrants().map((wire, at) => ({
    name: ['operator', 'coordinator', 'worker h01', 'worker h02'][at] ?? '',
    do: 'admit-grant',
    wire,
    expect: 'ok',
  }))
  const message = (name: string, wire: string, expect: string) =>
    steps.push({ name, do: 'verify-message', wire, expect })
  const grant = (name: string, wire: string, expect: string) =>
    steps.push({ name, do: 'admit-grant', wire, expect })

  const single = seal([draftOf(1)], h01, primitives)[0]?.wire ?? ''
  const batch = seal(
    [draftOf(2), draftOf(3), draftOf(4, { content: null }), draftOf(5), draftOf(6)],
    h01,
    primitives,
  )
  const cited = draftOf(7, {
    citation: { source_url: 'documents/engine-log.csv', evidence_hash: chainStart(SESSION, primitives) },
    in_reply_to: messageName(SESSION, 'coordinator', EPOCH, 1),
    expires_at: NOW + 60_000,
  })
  message('one message, signed alone', single, 'ok')
  for (const [at, { wire }] of batch.entries()) message(`message ${at} of a batch of 5`, wire, 'ok')
  message('with citation, reply and expiry', seal([cited], h01, primitives)[0]?.wire ?? '', 'ok')

  const draft = draftOf(1) as unknown as JsonObject
  const parsed = (wire: string): JsonObject => JSON.parse(wire)
  const batched = parsed(batch[4]?.wire ?? '')
  const withProof = (changes: JsonObject): string => {
    const signature = batched.signature as JsonObject
    return canonicalize({
      ...batched,
      signature: { ...signature, proof: { ...(signature.proof as JsonObject), ...changes } },
    })
  }
  message('content changed after signing', single.replace('412.5', '412.6'), 'bad-signature')
  message(
    'receiver changed after signing',
    single.replace(
      '"receiver":"if://agent/handover-7f3k/coordinator"',
      '"receiver":"if://agent/handover-7f3k/h02"',
    ),
    'not-granted',
  )
  message('blank after the text', `${single} `, 'not-canonical')
  message(
    'repeated member',
    single.replace('{"citation":null', '{"citation":null,"citation":null'),
    'not-canonical',
  )
  message('content over 64 KiB', resign({ ...draft, content: 'x'.repeat(65_535) }, h01), 'too-large')
  message('U+FFFF in a text', resign({ ...draft, content: 'a\uffff' }, h01), 'malformed')
  message('unknown member', resign({ ...draft, priority: 1 }, h01), 'malformed')
  message('seq is not whole', resign({ ...draft, seq: 1.5 }, h01), 'malformed')
  message('unknown performative', resign({ ...draft, performative: 'shout' }, h01), 'malformed')
  message('message_id of another place', resign({ ...draft, seq: 2 }, h01), 'wrong-scope')
  message('another session', resign({ ...draft, session_id: 'other' }, h01), 'wrong-scope')
  message(
    'receiver in another session',
    resign({ ...draft, receiver: agentName('other', 'coordinator') }, h01),
    'wrong-scope',
  )
  message('unknown algorithm', single.replace('"ed25519"', '"none"'), 'unknown-algorithm')
  message(
    'base64 with stray bits',
    single
      .replace('=="},"timestamp"', '=="},"timestamp"')
      .replace(
        /(.)==("},"timestamp")/,
        (_, last: string, rest: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}==${rest}`,
      ),
    'malformed',
  )
  message(
    "the attacker's own key embedded",
    resign(draft, h01, { publicKey: stranger.publicKey }),
    'unknown-key',
  )
  message('a key without a grant', resign({ ...draft, key_id: stranger.keyId }, stranger), 'unknown-key')
  message("another agent's key", resign({ ...draft, key_id: h02.keyId }, h02), 'unknown-key')
  message(
    'an epoch without a grant',
    resign({ ...draft, epoch: 2, message_id: messageName(SESSION, 'h01', 2, 1) }, h01),
    'unknown-key',
  )
  message('a worker gives orders', resign({ ...draft, performative: 'request' }, h01), 'not-granted')
  message('signed as another type', resign(draft, h01, { type: PAYLOAD_TYPES.grant }), 'bad-signature')
  message('place in the tree changed', withProof({ leaf_index: 3 }), 'bad-proof')
  message('tree size changed', withProof({ tree_size: 6 }), 'bad-proof')
  message('hash left out', withProof({ hashes: [] }), 'bad-proof')
  message(
    'hash added',
    withProof({ hashes: [toBase64(new Uint8Array(32)), toBase64(new Uint8Array(32))] }),
    'bad-proof',
  )
  message('hash changed', withProof({ hashes: [toBase64(new Uint8Array(32))] }), 'bad-signature')
  message('place outside the tree', withProof({ leaf_index: 5 }), 'malformed')
  message('a grant sent as a message', openingGrants()[2] ?? '', 'malformed')

  const worker = grantOf('h03', 'worker', stranger)
  const signed = (of: typeof worker, by: typeof operator) => sealGrants([of], by, primitives)[0]?.wire ?? ''
  const weak = new Uint8Array(32)
  weak[0] = 1
  grant('by nobody granted', signed({ ...worker, issuer_key_id: stranger.keyId }, stranger), 'unknown-issuer')
  grant(
    'by a worker',
    signed({ ...worker, issuer: agentName(SESSION, 'h01'), issuer_key_id: h01.keyId }, h01),
    'unknown-issuer',
  )
  grant(
    'by the coordinator, to a second coordinator',
    signed(
      grantOf('h03', 'coordinator', stranger, {
        issuer: agentName(SESSION, 'coordinator'),
        issuer_key_id: coordinator.keyId,
      }),
      coordinator,
    ),
    'unknown-issuer',
  )
  grant(
    'a worker that may give orders',
    signed({ ...worker, performatives: ['request'] }, coordinator),
    'too-wide',
  )
  grant('a second key for h01', signed({ ...grantOf('h01', 'worker', stranger) }, coordinator), 'conflict')
  grant("another agent's key", signed(grantOf('h03', 'worker', h01), coordinator), 'conflict')
  grant(
    'a key of small order',
    signed({ ...worker, public_key: toBase64(weak), key_id: keyIdOf(weak, primitives) }, coordinator),
    'weak-key',
  )
  grant(
    'changed after signing',
    signed(worker, coordinator).replace('"role":"worker"', '"role":"planner"'),
    'bad-signature',
  )
  grant(
    'another session',
    signed(
      {
        ...worker,
        session_id: 'other',
        agent: agentName('other', 'h03'),
        issuer: agentName('other', 'coordinator'),
      },
      coordinator,
    ),
    'wrong-scope',
  )

  const checkpoint: Checkpoint = {
    v: 1,
    session_id: SESSION,
    epoch: EPOCH,
    size: 3,
    head: chainStart(SESSION, primitives),
    at: NOW,
    key_id: coordinator.keyId,
  }
  const attested = sealCheckpoint(checkpoint, coordinator, primitives)
  const attest = (name: string, wire: string, expect: string) =>
    steps.push({ name, do: 'verify-checkpoint', wire, expect })
  attest('checkpoint', attested, 'ok')
  attest('size changed', attested.replace('"size":3', '"size":4'), 'bad-signature')
  attest('by a worker', sealCheckpoint({ ...checkpoint, key_id: h01.keyId }, h01, primitives), 'unknown-key')
  message('a checkpoint sent as a message', attested, 'malformed')

  steps.push({ name: 'the key of h01', do: 'revoke-key', key_id: h01.keyId })
  message('a good message of a revoked key', single, 'revoked-key')
  return steps
}

/** As the files hold it: readable, and one text for one value. */
export function writeVectors(value: unknown): string {
  return `${JSON.stringify(value as Json, null, 1)}\n`
}
