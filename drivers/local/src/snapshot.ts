import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What a folder holds, for a test that nothing of it changes: names, content, and time of the last change. */
export function snapshot(folder: string): unknown {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(folder, name)
      // Not ctime: SQLite, run by root, gives a log the owner it has already.
      const { mtimeNs, size, ino, mode } = statSync(path, { bigint: true })
      const content = statSync(path).isFile()
        ? createHash('sha256').update(readFileSync(path)).digest('hex')
        : ''
      return { name, mtimeNs, size, ino, mode, content }
    })
}
