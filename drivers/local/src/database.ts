import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { DriverError } from '@infrafabric/ports'
import Database from 'better-sqlite3'
import { codeOf, localError } from './errors.ts'
import { syncDirectory } from './sync-directory.ts'

export type SqliteDatabase = Database.Database

/** How long a statement waits for another process's transaction before it is `busy`. */
const busyTimeoutMs = 10_000

export interface DatabaseOptions {
  schema: string
  /** `full`: a commit is on the disk when it returns. `normal`: power loss may take the last commits, never the consistency. */
  synchronous: 'full' | 'normal'
}

/** Opens or creates a database in WAL mode, and checks that SQLite took the settings durability depends on. */
export async function openDatabase(path: string, options: DatabaseOptions): Promise<SqliteDatabase> {
  let database: SqliteDatabase | undefined
  try {
    allowUris()
    database = new Database(path, { timeout: busyTimeoutMs })
    await settle(database, options)
    // SQLite syncs the folder for its log, not for the database itself.
    await syncDirectory(dirname(path))
    return database
  } catch (error) {
    database?.close()
    throw localError(error, 'open', path)
  }
}

/**
 * better-sqlite3 takes file URIs, which the two parameters of a read that writes nothing need, only if this variable
 * is set when its library is loaded, and loads it with the first database.
 */
function allowUris(): void {
  const before = process.env.SQLITE_USE_URI
  process.env.SQLITE_USE_URI = '1'
  new Database(':memory:').close()
  if (before === undefined) delete process.env.SQLITE_USE_URI
  else process.env.SQLITE_USE_URI = before
}

/** In a worker thread, or after somebody else has loaded better-sqlite3, the variable comes too late. */
function requireUris(): void {
  allowUris()
  try {
    new Database('file:probe?mode=memory', { fileMustExist: true }).close()
  } catch (cause) {
    throw new DriverError(
      'unavailable',
      'read',
      'better-sqlite3 was loaded before InfraFabric, or this is a worker thread, so a home cannot be read without writing to it. Set SQLITE_USE_URI=1 in the environment and start again.',
      { cause },
    )
  }
}

async function settle(database: SqliteDatabase, options: DatabaseOptions): Promise<void> {
  const deadline = performance.now() + busyTimeoutMs
  for (;;) {
    try {
      configure(database, options)
      return
    } catch (error) {
      // Two processes that turn a new file to WAL at the same time get `busy` without the time-out being honoured.
      if (!codeOf(error).startsWith('SQLITE_BUSY') || performance.now() > deadline) throw error
      await sleep(5 + Math.random() * 20)
    }
  }
}

function configure(database: SqliteDatabase, options: DatabaseOptions): void {
  database.pragma('journal_mode = WAL')
  database.pragma(`synchronous = ${options.synchronous}`)
  // On macOS an ordinary fsync leaves the bytes in the drive's cache. No effect elsewhere.
  database.pragma('fullfsync = ON')
  database.pragma('checkpoint_fullfsync = ON')
  database.pragma('wal_autocheckpoint = 1000')
  // The log is cut back to this many bytes after a checkpoint.
  database.pragma('journal_size_limit = 33554432')
  expectPragma(database, 'journal_mode', 'wal')
  expectPragma(database, 'synchronous', options.synchronous === 'full' ? 2 : 1)
  database.transaction(() => database.exec(options.schema)).immediate()
}

function expectPragma(database: SqliteDatabase, name: string, expected: unknown): void {
  const actual = database.pragma(name, { simple: true })
  if (actual === expected) return
  throw new DriverError(
    'unavailable',
    'open',
    `${database.name}: SQLite keeps ${name} at ${actual} instead of ${expected}, so nothing written would be safe. Is it on a network file system? Use a home on a local disk.`,
  )
}

/**
 * Runs `query` on a connection that changes no byte of the home; see docs/decisions/local-journal.md. Each call
 * opens its own, so nothing is locked or shared between calls. `query` may run more than once.
 */
export function readOnly<T>(path: string, query: (database: SqliteDatabase) => T): T {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const before = stampOf(path)
    const immutable = !existsSync(`${path}-shm`)
    if (immutable && before.logBytes > 0n) {
      throw new DriverError(
        'denied',
        'read',
        `${path}: its -wal file holds entries but the -shm file is missing, so it cannot be read without writing. Copy the whole home to a writable place and run the command there.`,
      )
    }
    const outcome = attemptRead(path, immutable, query)
    // What an immutable connection saw while somebody wrote, damage included, means nothing.
    if (immutable && stampOf(path).text !== before.text) continue
    if (!immutable && 'error' in outcome && isPassing(outcome.error, `${path}-shm`)) {
      // Whoever opens and closes it all the time must not be met at the same moment again and again.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, attempt)
      continue
    }
    if ('error' in outcome) throw localError(outcome.error, 'read', path)
    return outcome.value
  }
  throw new DriverError('busy', 'read', `${path}: another process keeps changing it. Try again.`)
}

/** A writer that is just coming has not prepared its -shm file yet; the last that leaves takes it along. Nobody forbade anything. */
function isPassing(error: unknown, shm: string): boolean {
  const code = codeOf(error)
  if (code === 'SQLITE_READONLY_RECOVERY') return true
  if (!code.startsWith('SQLITE_CANTOPEN')) return false
  try {
    accessSync(shm, constants.R_OK)
    return true
  } catch (cause) {
    return codeOf(cause) === 'ENOENT'
  }
}

function attemptRead<T>(
  path: string,
  immutable: boolean,
  query: (database: SqliteDatabase) => T,
): { value: T } | { error: unknown } {
  let database: SqliteDatabase | undefined
  try {
    requireUris()
    const uri = `${pathToFileURL(path).href}?${immutable ? 'immutable=1' : 'readonly_shm=1'}`
    database = new Database(uri, { readonly: true, timeout: busyTimeoutMs })
    return { value: query(database) }
  } catch (error) {
    return { error }
  } finally {
    database?.close()
  }
}

/** The text changes whenever a writer came: each makes a -wal file before it touches the database. */
function stampOf(path: string): { text: string; logBytes: bigint } {
  const file = statSync(path, { bigint: true })
  const log = statSync(`${path}-wal`, { bigint: true, throwIfNoEntry: false })
  const text = [file.ino, file.size, file.mtimeNs, file.ctimeNs, log?.ino, log?.size].join(' ')
  return { text, logBytes: log?.size ?? 0n }
}
