import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { SourceError } from './source.ts'

/**
 * The bytes of a regular file, at most `bytesMax`. Synchronous: the four calls of a small file take less time
 * than to hand one of them to another thread. A pipe, socket or device is refused without waiting for it.
 * Throws SourceError: `unreadable`, `too-large`, `empty`.
 */
export function readFileBytes(path: string, name: string, bytesMax: number): Uint8Array {
  let file: number | undefined
  try {
    // Without O_NONBLOCK, opening a pipe waits for its writer.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const status = fstatSync(file)
    if (!status.isFile())
      throw new SourceError(
        'unreadable',
        `${name} is a device, pipe or socket, not a file. Copy its contents to a file.`,
      )
    if (status.size > bytesMax) throw tooLarge(name, status.size, bytesMax)
    const bytes = readUpTo(file, bytesMax, status.size)
    if (bytes === undefined) throw tooLarge(name, bytesMax + 1, bytesMax)
    if (bytes.length === 0)
      throw new SourceError('empty', `${name} is empty. Check that it was saved or copied completely.`)
    return bytes
  } catch (error) {
    if (error instanceof SourceError) throw error
    throw unreadable(name, error)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** The size is only a hint: a file may grow while it is read, and those under /proc say 0. */
function readUpTo(file: number, bytesMax: number, sizeHint: number): Uint8Array | undefined {
  let bytes = new Uint8Array(sizeHint + 1)
  let length = 0
  for (;;) {
    const bytesRead = readSync(file, bytes, length, bytes.length - length, null)
    if (bytesRead === 0) return bytes.subarray(0, length)
    length += bytesRead
    if (length > bytesMax) return undefined
    if (length === bytes.length) {
      const grown = new Uint8Array(bytes.length * 2)
      grown.set(bytes)
      bytes = grown
    }
  }
}

export function tooLarge(name: string, bytes: number, bytesMax: number): SourceError {
  return new SourceError(
    'too-large',
    `${name} has ${bytes > bytesMax + 1 ? mebibytes(bytes) : `more than ${mebibytes(bytesMax)}`}; the limit for one source is ${mebibytes(bytesMax)}. Split it, or name only the part that matters.`,
  )
}

export function mebibytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${bytes} bytes` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

function unreadable(name: string, error: unknown): SourceError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  const why = WHY[code] ?? `cannot be read (${code}). Check the file and the disk.`
  return new SourceError('unreadable', `${name} ${why}`, { cause: error })
}

const WHY: Record<string, string> = {
  EACCES: 'may not be read by this user. Change its permissions, or run as a user who may.',
  EPERM: 'may not be read by this user. Change its permissions, or run as a user who may.',
  ENOENT: 'is no longer there. Check that nothing else moves files while evidence is read.',
  ELOOP: 'is a link that leads back to itself. Remove it or point it at a file.',
  ENXIO: 'is a device, pipe or socket, not a file. Copy its contents to a file.',
  EISDIR: 'is a folder where a file was expected.',
  EMFILE: 'could not be opened because this process has too many files open. Raise the limit (ulimit -n).',
}
