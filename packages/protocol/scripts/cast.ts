import {
  generateSigner,
  type NodeSigner,
  nodePrimitives,
  signerFromSeed,
} from '../../runtime/src/node-primitives.ts'
import {
  agentName,
  conversationName,
  createRegistry,
  createVerifier,
  type Grant,
  type GrantRole,
  type MessageDraft,
  messageName,
  performativesOf,
  type Registry,
  sealGrants,
  toBase64,
  type Verifier,
} from '../src/index.ts'

/** People of the tests and of the published vectors. Their keys are no secret: never trust them. */
export const SESSION = 'handover-7f3k'
export const EPOCH = 1
export const NOW = 1_764_000_000_000
export const primitives = nodePrimitives
export const operator = signerOf(1)
export const coordinator = signerOf(2)
export const h01 = signerOf(3)
export const h02 = signerOf(4)
/** Has a key and no grant. */
export const stranger = signerOf(9)
export { generateSigner, type NodeSigner }

/** A signer whose seed is the same byte 32 times. */
export function signerOf(byte: number): NodeSigner {
  return signerFromSeed(new Uint8Array(32).fill(byte))
}

export function grantOf(
  agent: string,
  role: GrantRole,
  holder: NodeSigner,
  changes: Partial<Grant> = {},
): Grant {
  const byOperator = role === 'operator' || role === 'coordinator'
  return {
    v: 1,
    session_id: SESSION,
    agent: agentName(SESSION, agent),
    role,
    performatives: performativesOf(role),
    receivers: ['*'],
    public_key: toBase64(holder.publicKey),
    key_id: holder.keyId,
    epoch: EPOCH,
    issued_at: NOW,
    issuer: agentName(SESSION, byOperator ? 'operator' : 'coordinator'),
    issuer_key_id: byOperator ? operator.keyId : coordinator.keyId,
    ...changes,
  }
}

/** Wire texts of the grants that every scene starts with. */
export function openingGrants(): string[] {
  const byOperator = [
    grantOf('operator', 'operator', operator, { epoch: 0 }),
    grantOf('coordinator', 'coordinator', coordinator),
  ]
  const byCoordinator = [
    grantOf('h01', 'worker', h01, { receivers: [agentName(SESSION, 'coordinator')] }),
    grantOf('h02', 'worker', h02),
  ]
  return [
    ...sealGrants(byOperator, operator, primitives),
    ...sealGrants(byCoordinator, coordinator, primitives),
  ].map((signed) => signed.wire)
}

export function openRegistry(): Registry {
  const registry = createRegistry({ session: SESSION, operatorKey: operator.publicKey, primitives })
  for (const wire of openingGrants()) {
    const verdict = registry.admit(wire)
    if (!verdict.ok) throw new Error(`${verdict.code}: ${verdict.detail}`)
  }
  return registry
}

export function openVerifier(registry: Registry = openRegistry()): Verifier {
  return createVerifier({ primitives, registry })
}

/** From h01 to the coordinator, unless changed. */
export function draftOf(seq: number, changes: Partial<MessageDraft> = {}): MessageDraft {
  return {
    v: 1,
    performative: 'inform',
    sender: agentName(SESSION, 'h01'),
    receiver: agentName(SESSION, 'coordinator'),
    conversation_id: conversationName(SESSION, 'engines'),
    message_id: messageName(SESSION, 'h01', EPOCH, seq),
    timestamp: NOW,
    content: { answer: 'Der Impeller ist fällig.', hours: 412.5 },
    citation: null,
    session_id: SESSION,
    key_id: h01.keyId,
    epoch: EPOCH,
    seq,
    in_reply_to: null,
    expires_at: null,
    ...changes,
  }
}
