/** Keeps evidence and results, where every agent of the session can read them. */
export interface ObjectStore {
  /** Bodies above this many bytes are rejected with `too-large`. */
  readonly bodyBytesMax: number

  /**
   * Durable when it resolves. Idempotent: the same bytes under the same key are accepted again; other bytes
   * are rejected with `conflict`. A key is segments of `[A-Za-z0-9._:-]` joined by `/`, none of them `.` or `..`;
   * any other, and one of more than 1,024 characters or with a segment of more than 255, is rejected with `invalid`.
   * A store may reject with `conflict` a key that continues another key after a `/`.
   */
  put(key: string, body: Uint8Array, signal?: AbortSignal): Promise<void>

  /** Rejects with `not-found`. */
  get(key: string, signal?: AbortSignal): Promise<Uint8Array>

  has(key: string, signal?: AbortSignal): Promise<boolean>

  /** Keys that start with `prefix`, sorted by code unit. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<string>
}

/** Where the bytes with this SHA-256 (lower-case hex) live. Readers re-hash what they get. */
export function evidenceKey(sha256: string): string {
  return `evidence/${sha256.slice(0, 2)}/${sha256}`
}
