import { randomBytes } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { link, open, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { DriverError, type ObjectStore } from '@infrafabric/ports'
import { codeOf, localError, translating } from './errors.ts'
import { FolderSync } from './folder-sync.ts'
import { makeFolder } from './layout.ts'
import { segmentsOf } from './object-key.ts'

/** `~` is in no key, so no key can reach this folder. */
const unfinishedFolder = '~unfinished'
const unfinishedAgeMsMax = 3_600_000

/** A body is held in memory whole, and Node reads no file above 2 GiB into a buffer: half of that leaves room for the second copy a comparison needs. */
const bodyBytesMax = 2 ** 30

export interface ObjectStoreOptions {
  /** Epoch ms. */
  now: () => number
  readOnly?: boolean
}

/** One file an object. It is written aside, synced, and linked to its name, which is how two writers never mix. */
export async function openObjectStore(root: string, options: ObjectStoreOptions): Promise<ObjectStore> {
  const unfinished = join(root, unfinishedFolder)
  if (options.readOnly !== true) {
    await translating('open', root, async () => {
      await makeFolder(unfinished)
      await sweep(unfinished, options.now() - unfinishedAgeMsMax)
    })
  }
  const folders = new FolderSync(root)

  return {
    bodyBytesMax,
    async put(key, body, signal) {
      const segments = segmentsOf(key, 'put')
      checkBody(key, body)
      const path = join(root, ...segments)
      if (options.readOnly === true) {
        throw new DriverError('denied', 'put', `${path}: opened for reading only. Use a writable home.`)
      }
      await translating('put', path, async () => {
        signal?.throwIfAborted()
        const folder = await folders.prepare(segments.slice(0, -1))
        const existing = await readIfPresent(path)
        if (existing === undefined) {
          await place(body, path, unfinished, signal)
        } else if (!sameBytes(existing, body)) {
          throw otherBytes(path)
        }
        // Also when it was there: whoever put it may not have come to this yet.
        await folders.sync(folder)
      })
    },

    async get(key, signal) {
      const path = join(root, ...segmentsOf(key, 'get'))
      try {
        return await readFile(path, { signal })
      } catch (error) {
        if (isAbsence(error)) throw notFound(key, path, error)
        signal?.throwIfAborted()
        throw localError(error, 'get', path)
      }
    },

    async has(key, signal) {
      signal?.throwIfAborted()
      const path = join(root, ...segmentsOf(key, 'has'))
      return translating('has', path, async () => {
        try {
          return (await stat(path)).isFile()
        } catch (error) {
          if (isAbsence(error)) return false
          throw error
        }
      })
    },

    list(prefix, signal) {
      return keysUnder(root, '', prefix, signal)
    },
  }
}

async function place(
  body: Uint8Array,
  path: string,
  unfinished: string,
  signal?: AbortSignal,
): Promise<void> {
  const draft = join(unfinished, `${process.pid}-${randomBytes(12).toString('hex')}`)
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(body)
      await file.sync()
    } finally {
      await file.close()
    }
    signal?.throwIfAborted()
    try {
      await link(draft, path)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      // Somebody else was faster. The same bytes are as good as ours.
      if (!sameBytes(await readFile(path), body)) throw otherBytes(path)
    }
  } finally {
    await unlink(draft).catch(() => {
      // Left for the sweep at the next opening.
    })
  }
}

async function readIfPresent(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** Keys in order of code units. Folders sort as if their name ended in `/`, as the keys within them do. */
async function* keysUnder(
  root: string,
  folder: string,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  signal?.throwIfAborted()
  for (const name of await namesIn(root, folder)) {
    const key = folder + name
    if (name.endsWith('/')) {
      if (key.startsWith(prefix) || prefix.startsWith(key)) yield* keysUnder(root, key, prefix, signal)
    } else if (key.startsWith(prefix)) {
      yield key
    }
  }
}

async function namesIn(root: string, folder: string): Promise<string[]> {
  const path = join(root, folder)
  let entries: Dirent[]
  try {
    entries = await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (isAbsence(error)) return []
    throw localError(error, 'list', path)
  }
  return entries
    .filter((entry) => entry.name !== unfinishedFolder)
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort()
}

/** A killed process leaves its draft behind. */
async function sweep(unfinished: string, before: number): Promise<void> {
  for (const name of await readdir(unfinished)) {
    const draft = join(unfinished, name)
    try {
      if ((await stat(draft)).mtimeMs < before) await unlink(draft)
    } catch (error) {
      // Another process sweeps too.
      if (codeOf(error) !== 'ENOENT') throw error
    }
  }
}

function checkBody(key: string, body: Uint8Array): void {
  if (body.byteLength <= bodyBytesMax) return
  throw new DriverError(
    'too-large',
    'put',
    `Object ${key} has ${body.byteLength} bytes; at most ${bodyBytesMax} can be stored. Split it.`,
  )
}

/** A folder of that name, or a file where a folder would be, is no object either. */
function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error))
}

function notFound(key: string, path: string, cause: unknown): DriverError {
  return new DriverError('not-found', 'get', `There is no object ${key} (${path}).`, { cause })
}

function otherBytes(path: string): DriverError {
  return new DriverError(
    'conflict',
    'put',
    `${path}: holds other bytes already, and an object never changes. Compare it with what you wanted to store.`,
  )
}
