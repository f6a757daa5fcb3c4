import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DriverError } from '@infrafabric/ports'
import Database from 'better-sqlite3'
import { codeOf, translating } from './errors.ts'
import { makeFolder, replaceFile } from './layout.ts'

/** Held until `release`, or until the process ends in whatever way: the operating system frees it. */
export interface SessionLock {
  readonly session: string
  /** Idempotent. */
  release(): void
}

interface Owner {
  pid: number
  host: string
  /** ISO 8601, UTC. */
  since: string
}

/** Rejects with `busy`, naming the owner, when a process (this one too) holds the session. @param now Epoch ms. */
export function lockSession(sessions: string, session: string, now: () => number): Promise<SessionLock> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(session)) {
    const detail = `${JSON.stringify(session)} is not the name of a session.`
    return Promise.reject(new DriverError('invalid', 'lockSession', detail))
  }
  const folder = join(sessions, session)
  return translating('lockSession', folder, async () => {
    await makeFolder(folder)
    const ownerFile = join(folder, 'owner.json')
    const file = acquire(join(folder, 'lock.db'), session, ownerFile)
    try {
      const owner: Owner = { pid: process.pid, host: hostname(), since: new Date(now()).toISOString() }
      await replaceFile(ownerFile, `${JSON.stringify(owner)}\n`)
    } catch (error) {
      file.close()
      throw error
    }
    return { session, release: () => void file.close() }
  })
}

/** The lock is SQLite's own file lock, held by a transaction that never writes: no code of ours asks whether a pid still lives. */
function acquire(path: string, session: string, ownerFile: string): Database.Database {
  const file = new Database(path, { timeout: 0 })
  try {
    file.exec('BEGIN EXCLUSIVE')
    return file
  } catch (error) {
    file.close()
    if (!codeOf(error).startsWith('SQLITE_BUSY')) throw error
    throw new DriverError(
      'busy',
      'lockSession',
      `Session ${session} is being run by ${describeOwner(ownerFile)}. Watch it with \`infrafabric status ${session} --watch\`, or stop that process first.`,
      { cause: error },
    )
  }
}

/** Who holds the session at present, for people; null: nobody does. Changes nothing, on a read-only disk too. */
export function sessionOwner(sessions: string, session: string): Promise<string | null> {
  const folder = join(sessions, session)
  return translating('sessionOwner', folder, async () => {
    const path = join(folder, 'lock.db')
    if (!existsSync(path)) return null
    const file = new Database(path, { readonly: true, timeout: 0 })
    try {
      file.prepare('SELECT count(*) FROM sqlite_schema').get()
      return null
    } catch (error) {
      if (!codeOf(error).startsWith('SQLITE_BUSY')) throw error
      return describeOwner(join(folder, 'owner.json'))
    } finally {
      file.close()
    }
  })
}

function describeOwner(path: string): string {
  try {
    const owner: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (isOwner(owner)) return `process ${owner.pid} on ${owner.host} since ${owner.since}`
  } catch {
    // The owner is just starting, and has not written its name yet.
  }
  return 'another process'
}

function isOwner(value: unknown): value is Owner {
  return typeof value === 'object' && value !== null && 'pid' in value && 'host' in value && 'since' in value
}
