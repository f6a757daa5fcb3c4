const encoder = new TextEncoder()

/**
 * Bytes to encode texts into, used again and again: allocating them anew costs more than encoding and hashing a
 * message. What `encode` gave is overwritten by its next call, so it must not be kept.
 */
export class EncodingRoom {
  #bytes = new Uint8Array(0)

  /** The head and then the text, which must be well-formed. `headOf` gets the bytes of the text and gives ASCII. */
  encode(text: string, headOf: (bytes: number) => string): Uint8Array {
    const head = headOf(text.length)
    if (!this.#fits(head, text, text.length)) {
      // Not ASCII, so that the head may be longer too.
      const bytes = encoder.encode(text).length
      const right = headOf(bytes)
      this.#fits(right, text, bytes)
      return this.#bytes.subarray(0, right.length + bytes)
    }
    return this.#bytes.subarray(0, head.length + text.length)
  }

  /** Writes both if the text takes exactly so many bytes. */
  #fits(head: string, text: string, bytes: number): boolean {
    const end = head.length + bytes
    // One byte more shows a text that takes more.
    if (this.#bytes.length <= end) this.#bytes = new Uint8Array(Math.max(4_096, 2 * end))
    const { read, written } = encoder.encodeInto(text, this.#bytes.subarray(head.length))
    if (read !== text.length || written !== bytes) return false
    encoder.encodeInto(head, this.#bytes)
    return true
  }
}
