import { DriverError, type ObjectStore } from '@infrafabric/ports'

const KEY = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._:-]{1,255}(?:\/[A-Za-z0-9._:-]{1,255})*$/

/** Objects that outlive the processes of a simulation. */
export class MemoryObjectStore implements ObjectStore {
  readonly bodyBytesMax = 2 ** 30
  readonly #objects = new Map<string, Uint8Array>()

  async put(key: string, body: Uint8Array, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    checkKey(key, 'put')
    const known = this.#objects.get(key)
    if (known === undefined) this.#objects.set(key, Uint8Array.from(body))
    else if (Buffer.compare(known, body) !== 0)
      throw new DriverError('conflict', 'put', `${key} holds other bytes already`)
  }

  async get(key: string, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted()
    checkKey(key, 'get')
    const body = this.#objects.get(key)
    if (body === undefined) throw new DriverError('not-found', 'get', `there is no object ${key}`)
    return Uint8Array.from(body)
  }

  async has(key: string, signal?: AbortSignal): Promise<boolean> {
    signal?.throwIfAborted()
    checkKey(key, 'has')
    return this.#objects.has(key)
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<string> {
    signal?.throwIfAborted()
    for (const key of [...this.#objects.keys()].sort()) {
      signal?.throwIfAborted()
      if (key.startsWith(prefix)) yield key
    }
  }
}

function checkKey(key: string, operation: string): void {
  if (key.length > 1_024 || !KEY.test(key)) {
    throw new DriverError('invalid', operation, `"${key.slice(0, 80)}" is no key of an object`)
  }
}
