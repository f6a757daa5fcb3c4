/** A SHA-256 as 64 lower-case hex digits. */
export type Sha256 = string & { readonly __sha256: unique symbol }
