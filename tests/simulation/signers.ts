import { hash } from 'node:crypto'
import { keyIdOf, type Primitives, type Signer } from '@infrafabric/protocol'
import { importSigner, nodePrimitives } from '@infrafabric/runtime'
import type { Random } from './random.ts'

/** How a run signs: with Ed25519, or with a keyed hash that is several times as fast. */
export interface Signing {
  primitives: Primitives
  newSigner(random: Random): Signer
}

const PKCS8_HEAD = '302e020100300506032b657004220420'

export const realSigning: Signing = {
  primitives: nodePrimitives,
  newSigner(random) {
    const der = Buffer.concat([Buffer.from(PKCS8_HEAD, 'hex'), random.bytes(32)])
    return importSigner(`-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`)
  },
}

/** Deterministic, and as unforgeable as the run needs: nobody in it computes tags but holders of a signer. */
export const standInSigning: Signing = {
  primitives: {
    sha256: (bytes) => hash('sha256', bytes, 'buffer'),
    verify: (publicKey, bytes, signature) => tagOf(publicKey, bytes).equals(signature),
  },
  newSigner(random) {
    const publicKey = random.bytes(32)
    // Stays below the prime of the curve, so that it passes for the encoding of a point.
    publicKey[31] = (publicKey[31] ?? 0) & 0x3f
    return {
      publicKey,
      keyId: keyIdOf(publicKey, nodePrimitives),
      sign: (bytes) => tagOf(publicKey, bytes),
    }
  },
}

function tagOf(publicKey: Uint8Array, bytes: Uint8Array): Buffer {
  const digest = hash('sha256', Buffer.concat([publicKey, bytes]), 'buffer')
  const tag = Buffer.concat([digest, digest])
  // The scalar of a signature lies below the group's order.
  tag[63] = 0
  return tag
}
