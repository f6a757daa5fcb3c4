/** The two algorithms this package needs and does not write itself. Both must be pure. */
export interface Primitives {
  /** 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array
  /**
   * Pure Ed25519 of RFC 8032 with the raw 32-byte key. Answers false, and never throws, for whatever is not a
   * valid signature; it must refuse an S that is not below the group's order.
   */
  verify(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean
}

/** Holds a private key and signs with it. */
export interface Signer {
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array
  /** See `keyIdOf`. */
  readonly keyId: string
  /** Pure Ed25519 over the bytes; 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array
}
