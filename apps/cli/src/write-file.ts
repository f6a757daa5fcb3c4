import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UserError } from './user-error.ts'

/** Writes a file whole and durable: readers see the old content or the new, also after a power cut. */
export async function writeFileDurably(
  path: string,
  content: string | AsyncIterable<Uint8Array>,
): Promise<void> {
  const folder = dirname(path)
  const draft = join(folder, `.${basename(path)}.${process.pid}`)
  try {
    await mkdir(folder, { recursive: true })
    const file = await open(draft, 'w')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
    await syncFolder(folder)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {})
    throw asUserError(error, path)
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full; free some space'],
  ['EDQUOT', 'the quota is used up; free some space'],
  ['EACCES', 'writing is not permitted; name another place'],
  ['EPERM', 'writing is not permitted; name another place'],
  ['EROFS', 'the disk is read-only; name another place'],
  ['EISDIR', 'a folder of that name is there; name another file'],
  ['ENOTDIR', 'a file stands where a folder is needed; name another place'],
  ['EEXIST', 'a file stands where a folder is needed; name another place'],
])

function asUserError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const remedy = REMEDIES.get(code)
  return remedy === undefined ? error : new UserError(`${path} cannot be written: ${remedy} (${code})`, 1)
}
