import {
  agentName,
  createRegistry,
  createVerifier,
  type Grant,
  type JsonObject,
  messageName,
  type Registry,
  type Signer,
  seal,
  sealCheckpoint,
  sealGrants,
  type Verifier,
} from '@infrafabric/protocol'
import {
  coordinator,
  draftOf,
  grantOf,
  h01,
  h02,
  NOW,
  openingGrants,
  operator,
  primitives,
  SESSION,
  signerOf,
  stranger,
} from '../../../packages/protocol/scripts/cast.ts'
import { resign } from '../../../packages/protocol/scripts/resign.ts'
import { Oracle } from '../oracle/protocol-oracle.ts'
import type { Random } from '../random.ts'

const revoked = signerOf(5)
/** Coordinator of the second epoch, whose grant lets it speak to h01 only, and not cancel. */
const second = signerOf(6)
const third = signerOf(7)
const newcomer = signerOf(8)

export const signers: readonly Signer[] = [
  operator,
  coordinator,
  h01,
  h02,
  stranger,
  revoked,
  second,
  third,
  newcomer,
]

function sealed(grants: Grant[], by: Signer): string[] {
  return sealGrants(grants, by, primitives).map(({ wire }) => wire)
}

/** In the order in which they are admitted. */
export const sceneGrants: readonly string[] = [
  ...openingGrants(),
  ...sealed([grantOf('h03', 'worker', revoked)], coordinator),
  ...sealed(
    [
      grantOf('coordinator', 'coordinator', second, {
        epoch: 2,
        performatives: ['request', 'inform', 'agree', 'failure'],
        receivers: [agentName(SESSION, 'h01')],
      }),
    ],
    operator,
  ),
  ...sealed(
    [
      grantOf('h01', 'worker', h01, {
        epoch: 2,
        issuer_key_id: second.keyId,
        performatives: ['inform', 'failure'],
        receivers: [agentName(SESSION, 'coordinator')],
      }),
    ],
    second,
  ),
]

/** Good grants that the scene has not admitted. */
export const freshGrants: readonly string[] = [
  ...sealed([grantOf('h04', 'worker', newcomer)], coordinator),
  ...sealed(
    [
      grantOf('p01', 'planner', newcomer, {
        receivers: [agentName(SESSION, 'coordinator'), agentName(SESSION, 'h02')],
      }),
      grantOf('s01', 'synthesizer', third),
    ],
    coordinator,
  ),
  ...sealed([grantOf('coordinator', 'coordinator', third, { epoch: 3 })], operator),
  ...sealed(
    [
      grantOf('h05', 'worker', newcomer, {
        epoch: 2,
        issuer_key_id: second.keyId,
        performatives: ['inform'],
        receivers: [agentName(SESSION, 'h01')],
      }),
    ],
    second,
  ),
]

const worker = [
  draftOf(1),
  draftOf(2, { performative: 'failure', content: null, expires_at: NOW + 60_000 }),
  draftOf(3, {
    citation: { source_url: 'documents/engine-log.csv', evidence_hash: 'ab'.repeat(32) as never },
    in_reply_to: messageName(SESSION, 'coordinator', 1, 7),
  }),
  draftOf(4, { content: { a: ',"signature":{', signature: { algorithm: 'ed25519' }, z: [1, [2, [3]]] } }),
]
const orders = [1, 2, 3].map((seq) =>
  draftOf(seq, {
    performative: 'request',
    sender: agentName(SESSION, 'coordinator'),
    receiver: agentName(SESSION, 'h02'),
    key_id: coordinator.keyId,
    message_id: messageName(SESSION, 'coordinator', 1, seq),
    content: { kind: 'task', task: `t${seq}`, attempt: 1 },
  }),
)
const later = draftOf(1, { epoch: 2, message_id: messageName(SESSION, 'h01', 2, 1) })

/** Messages that the scene accepts: signed alone, and in batches of two to five. */
export const goldenMessages: readonly string[] = [
  ...worker.flatMap((draft) => seal([draft], h01, primitives)),
  ...seal([...worker, draftOf(9)], h01, primitives),
  ...seal(orders, coordinator, primitives),
  ...seal(orders.slice(0, 2), coordinator, primitives),
  ...seal([later], h01, primitives),
].map(({ wire }) => wire)

export const goldenCheckpoints: readonly string[] = [
  sealCheckpoint(
    {
      v: 1,
      session_id: SESSION,
      epoch: 1,
      size: 12,
      head: 'ab'.repeat(32) as never,
      at: NOW,
      key_id: coordinator.keyId,
    },
    coordinator,
    primitives,
  ),
  sealCheckpoint(
    {
      v: 1,
      session_id: SESSION,
      epoch: 2,
      size: 40,
      head: '0f'.repeat(32) as never,
      at: NOW,
      key_id: second.keyId,
    },
    second,
    primitives,
  ),
]

export interface Scene {
  registry: Registry
  verifier: Verifier
  oracle: Oracle
}

/** A registry with its verifier, and the oracle that has been told the same. */
export function openScene(): Scene {
  const registry = createRegistry({ session: SESSION, operatorKey: operator.publicKey, primitives })
  const oracle = new Oracle(SESSION, operator.publicKey)
  for (const wire of sceneGrants) {
    const verdict = registry.admit(wire)
    const second = oracle.admit(wire)
    if (!verdict.ok || second !== 'ok')
      throw new Error(`the scene does not open: ${JSON.stringify([verdict, second])}`)
  }
  registry.revoke(revoked.keyId, 0)
  oracle.revoke(revoked.keyId)
  return { registry, verifier: createVerifier({ primitives, registry }), oracle }
}

/** Signs with the key that the object names, or now and then with another one, or as another type. */
export function signAgain(
  random: Random,
  body: JsonObject,
  type: string,
  otherTypes: readonly string[],
): string {
  const named = signers.find(({ keyId }) => keyId === (body.issuer_key_id ?? body.key_id))
  const signer = named === undefined || random.chance(0.08) ? random.pick(signers) : named
  const options = {
    type: random.chance(0.04) ? random.pick(otherTypes) : type,
    ...(random.chance(0.04) ? { publicKey: random.pick(signers).publicKey } : {}),
    ...(random.chance(0.04) ? { write: JSON.stringify as (value: unknown) => string } : {}),
  }
  return resign(body, signer, options)
}
