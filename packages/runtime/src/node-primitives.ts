import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { bytesOfHash, keyIdOf, type Primitives, type Sha256, type Signer } from '@infrafabric/protocol'

/** What comes before the raw key in the DER form of an Ed25519 key (RFC 8410). */
const SPKI_HEAD = Uint8Array.from([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00])
const PKCS8_HEAD = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
])

/** A signer whose private key can be saved. */
export interface NodeSigner extends Signer {
  /** PEM, unencrypted: keep it in a file that only its owner can read. */
  exportPkcs8(): string
}

/** node:crypto, with the last `keysMax` parsed public keys kept: parsing one costs as much as verifying with it. */
export function createNodePrimitives(options: { keysMax?: number } = {}): Primitives {
  const keysMax = options.keysMax ?? 16_384
  const keys = new Map<string, KeyObject>()

  function keyOf(publicKey: Uint8Array): KeyObject {
    const name = Buffer.from(publicKey).toString('latin1')
    let key = keys.get(name)
    if (key === undefined) {
      key = createPublicKey({ key: Buffer.concat([SPKI_HEAD, publicKey]), format: 'der', type: 'spki' })
      keys.set(name, key)
      if (keys.size > keysMax) {
        const [oldest] = keys.keys()
        if (oldest !== undefined) keys.delete(oldest)
      }
    }
    return key
  }

  return {
    // Four times as fast as bytes that node:crypto has to allocate outside the heap.
    sha256: (bytes) => bytesOfHash(hash('sha256', bytes, 'hex') as Sha256),
    verify(publicKey, bytes, signature) {
      if (publicKey.length !== 32 || signature.length !== 64) return false
      return verify(null, bytes, keyOf(publicKey), signature)
    },
  }
}

/** One for the process: its cache changes how fast it answers, never what. */
export const nodePrimitives: Primitives = createNodePrimitives()

export function generateSigner(): NodeSigner {
  return signerOf(generateKeyPairSync('ed25519').privateKey)
}

/** `seed` is the 32-byte private key of RFC 8032. */
export function signerFromSeed(seed: Uint8Array): NodeSigner {
  if (seed.length !== 32) throw new RangeError(`an Ed25519 seed has 32 bytes, not ${seed.length}`)
  return signerOf(createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' }))
}

/** Reads what `exportPkcs8` wrote. Throws when the text is not the PEM of an Ed25519 private key. */
export function importSigner(pem: string): NodeSigner {
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new TypeError(`the key is of type ${key.asymmetricKeyType}, not ed25519`)
  }
  return signerOf(key)
}

function signerOf(privateKey: KeyObject): NodeSigner {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const publicKey = Uint8Array.from(der.subarray(SPKI_HEAD.length))
  return {
    publicKey,
    keyId: keyIdOf(publicKey, nodePrimitives),
    sign: (bytes) => sign(null, bytes, privateKey),
    exportPkcs8: () => privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}
