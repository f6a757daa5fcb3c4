import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { SourceError } from './source.ts'

/**
 * The bytes of a regular file, at most `bytesMax`. A pipe, socket or device is refused without waiting for it.
 * Throws SourceError: `unreadable`, `too-large`, `empty`.
 */
export async function readFileBytes(path: string, name: string, bytesMax: number): Promise<Uint8Array> {
  let file: FileHandle | undefined
  try {
    // Without O_NONBLOCK, opening a pipe waits for its writer.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const status = await file.stat()
    if (!status.isFile())
      throw new SourceError(
        'unreadable',
        `${name} is a device, pipe or socket, not a file. Copy its contents to a file.`,
      )
    if (status.size > bytesMax) throw tooLarge(name, status.size, bytesMax)
    const bytes = await readUpTo(file, bytesMax, status.size)
    if (bytes === undefined) throw tooLarge(name, bytesMax + 1, bytesMax)
    if (bytes.length === 0)
      throw new SourceError('empty', `${name} is empty. Check that it was saved or copied completely.`)
    return bytes
  } catch (error) {
    if (error instanceof SourceError) throw error
    throw unreadable(name, error)
  } finally {
    await file?.close()
  }
}

/** The size is only a hint: a file may grow while it is read, and those under /proc say 0. */
async function readUpTo(
  file: FileHandle,
  bytesMax: number,
  sizeHint: number,
): Promise<Uint8Array | undefined> {
  let bytes = new Uint8Array(sizeHint + 1)
  let length = 0
  for (;;) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length, null)
    if (bytesRead === 0) return bytes.slice(0, length)
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
