export {
  type Admissible,
  type Admission,
  type AdmissionCode,
  type AdmissionOptions,
  type Admitted,
  createAdmission,
  WINDOW_MS,
} from './admission.ts'
export { fromBase64, toBase64 } from './base64.ts'
export {
  CANONICAL_BYTES_MAX,
  type CanonicalLimits,
  canonicalize,
  DEPTH_MAX,
  type ParsedCanonical,
  parseCanonical,
} from './canonical.ts'
export { chainHash, chainStart } from './chain.ts'
export {
  type Checkpoint,
  type CheckpointRejectionCode,
  type CheckpointVerdict,
  sealCheckpoint,
  type VerifyCheckpointOptions,
  verifyCheckpoint,
} from './checkpoint.ts'
export { EncodingRoom } from './encoding-room.ts'
export { GRANT_BYTES_MAX, type Grant, RECEIVERS_MAX, type SignedGrant, sealGrants } from './grant.ts'
export { bytesOfHash, isSha256, type Sha256, sha256Hex } from './hash.ts'
export { isJsonObject, type Json, type JsonObject } from './json.ts'
export { keyIdOf } from './key-id.ts'
export {
  type Citation,
  CONTENT_BYTES_MAX,
  ENVELOPE_BYTES_MAX,
  type Message,
  type MessageDraft,
  PERFORMATIVES,
  type Performative,
} from './message.ts'
export {
  agentIdOf,
  agentName,
  conversationName,
  evidenceName,
  type IfName,
  isAgentId,
  isSessionId,
  isTopic,
  messageName,
  NAME_TYPES,
  type ParsedName,
  parseName,
  sessionName,
} from './names.ts'
export { PAYLOAD_TYPES, preAuthenticationEncoding } from './pae.ts'
export type { Primitives, Signer } from './primitives.ts'
export { ProtocolError, type ProtocolErrorCode } from './protocol-error.ts'
export {
  createRegistry,
  type GrantEntry,
  type GrantRejectionCode,
  type GrantVerdict,
  type Registry,
  type RegistryOptions,
} from './registry.ts'
export { type GrantRole, performativesOf, ROLES } from './roles.ts'
export { type SealedMessage, seal } from './seal.ts'
export type { BatchProof, Signature } from './signature.ts'
export { smallOrderKey } from './small-order-key.ts'
export { inclusionProof, leafHash, rootFromProof, type Tree, treeOf } from './tree.ts'
export { utf8 } from './utf8.ts'
export {
  createVerifier,
  type Rejected,
  type RejectionCode,
  type Verdict,
  type VerifiedMessage,
  type Verifier,
  type VerifierOptions,
  type VerifyOptions,
} from './verify.ts'
