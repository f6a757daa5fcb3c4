import type { Input } from './decoder.ts'

/** Larger inputs are cut here only, in what is saved after a hang. */
const DATA_BYTES_MAX = 4 * 1024 * 1024
const HEADER_WORDS = 4
const HEADER_BYTES = HEADER_WORDS * 4

/**
 * The input under way, in memory that the watchdog shares: a worker that hangs or runs out of memory can no longer
 * say what it was working on.
 */
export class CurrentInput {
  readonly shared: SharedArrayBuffer
  readonly #header: Int32Array
  readonly #data: Uint8Array

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(HEADER_BYTES + DATA_BYTES_MAX)) {
    this.shared = shared
    this.#header = new Int32Array(shared, 0, HEADER_WORDS)
    this.#data = new Uint8Array(shared, HEADER_BYTES)
  }

  set(index: number, { data, resigned }: Input): void {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf16le') : data
    const length = Math.min(bytes.length, DATA_BYTES_MAX)
    this.#data.set(length === bytes.length ? bytes : bytes.subarray(0, length))
    this.#header[1] = length
    this.#header[2] = (typeof data === 'string' ? 1 : 0) + (resigned ? 2 : 0)
    Atomics.store(this.#header, 0, index + 1)
  }

  /** -1 before the first. */
  get index(): number {
    return Atomics.load(this.#header, 0) - 1
  }

  get(): Input {
    const [, length = 0, flags = 0] = this.#header
    const bytes = Buffer.from(this.#data.slice(0, length))
    return { data: (flags & 1) === 1 ? bytes.toString('utf16le') : bytes, resigned: (flags & 2) === 2 }
  }
}
