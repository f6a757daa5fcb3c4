import { DriverError, type Journal, type JournalEntry, type SessionHead } from '@infrafabric/ports'
import { openDatabase, readOnly, type SqliteDatabase } from './database.ts'
import { codeOf, localError } from './errors.ts'

/** Rows fetched at a time: a reader holds this much memory and no lock between two steps. */
const chunkRows = 200

/** `position` is session number × 2^32 + seq, so that a row of 1.5 KB lies whole on its page and one tree serves both keys. */
const seqLimit = 2 ** 32
const sessionNumberLimit = 2 ** 20

const schema = `
  CREATE TABLE IF NOT EXISTS session (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    length INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS entry (
    position INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
`

interface SessionRow {
  number: number
  length: number
}

interface EntryRow {
  position: number
  hash: string
  body: string
}

const selectSession = 'SELECT number, length FROM session WHERE name = ?'
const selectEntries =
  'SELECT position, hash, body FROM entry WHERE position >= ? AND position < ? ORDER BY position LIMIT ?'
const selectHeads =
  'SELECT name AS session, length, created_at AS createdAt FROM session ORDER BY created_at DESC, number DESC'

/** Opens or creates the journal file. @param now Epoch ms. */
export async function openJournal(path: string, now: () => number): Promise<Journal> {
  const database = await openDatabase(path, { schema, synchronous: 'full' })
  const append = prepareAppend(database, now)
  /** After a failed fsync nobody knows what the disk holds: only opening the file again (and reading it) tells. */
  let broken: unknown

  return {
    async append(session, entries, signal) {
      signal?.throwIfAborted()
      checkEntries(session, entries)
      if (broken !== undefined) throw localError(broken, 'append', path)
      try {
        append.immediate(session, entries)
      } catch (error) {
        if (codeOf(error).startsWith('SQLITE_IOERR') && codeOf(error) !== 'SQLITE_IOERR_SHMSIZE')
          broken = error
        throw localError(error, 'append', path)
      }
    },
    ...reading(path, (query) => query(database)),
    async close() {
      database.close()
    },
  }
}

/** Reads a journal without changing a byte of its folder; `append` rejects with `denied`. */
export function openJournalReadOnly(path: string): Journal {
  return {
    async append(session) {
      throw new DriverError(
        'denied',
        'append',
        `${path}: opened for reading only, so nothing can be added to session ${session}. Use a writable home.`,
      )
    },
    ...reading(path, (query) => readOnly(path, query)),
    async close() {},
  }
}

function prepareAppend(database: SqliteDatabase, now: () => number) {
  const findSession = database.prepare<[string], SessionRow>(selectSession)
  const addSession = database.prepare('INSERT INTO session (name, length, created_at) VALUES (?, 0, ?)')
  const addEntry = database.prepare('INSERT INTO entry (position, hash, body) VALUES (?, ?, ?)')
  const setLength = database.prepare('UPDATE session SET length = ? WHERE number = ?')

  return database.transaction((session: string, entries: readonly JournalEntry[]) => {
    const first = entries[0]?.seq
    const found = findSession.get(session)
    const length = found?.length ?? 0
    if (first !== length) {
      throw new DriverError(
        'conflict',
        'append',
        `Session ${session} has ${length} entries, so entry ${first} cannot be added: another process took the session over. Stop this one.`,
      )
    }
    const number = found?.number ?? Number(addSession.run(session, now()).lastInsertRowid)
    if (number >= sessionNumberLimit || length + entries.length > seqLimit) {
      throw new DriverError(
        'full',
        'append',
        `${database.name}: holds as many entries as it can. Start a new home.`,
      )
    }
    const base = number * seqLimit
    for (const entry of entries) addEntry.run(base + entry.seq, entry.hash, entry.body)
    setLength.run(length + entries.length, number)
  })
}

function checkEntries(session: string, entries: readonly JournalEntry[]): void {
  const reject = (what: string): never => {
    throw new DriverError('invalid', 'append', `Session ${JSON.stringify(session)}: ${what}`)
  }
  if (session === '' || session.length > 512 || !session.isWellFormed())
    reject('not a name of 1 to 512 characters.')
  const first = entries[0]?.seq
  if (first === undefined) throw reject('there is nothing to append.')
  if (!Number.isSafeInteger(first) || first < 0) reject(`${first} is not a position.`)
  for (const [index, entry] of entries.entries()) {
    if (entry.seq !== first + index) reject(`entry ${entry.seq} stands where ${first + index} belongs.`)
    if (!/^[0-9a-f]{64}$/.test(entry.hash)) reject(`entry ${entry.seq} has no SHA-256 in lower-case hex.`)
    // SQLite would store something else than what was signed.
    if (!entry.body.isWellFormed()) reject(`entry ${entry.seq} holds half of a surrogate pair.`)
  }
}

type Query<T> = (database: SqliteDatabase) => T

function reading(path: string, run: <T>(query: Query<T>) => T): Pick<Journal, 'read' | 'length' | 'list'> {
  const ask = <T>(operation: string, query: Query<T>): T => {
    try {
      return run(query)
    } catch (error) {
      throw localError(error, operation, path)
    }
  }

  /** The length is read before the rows: rows that are then missing are damage, not a race. */
  const chunk = (session: string, from: number) =>
    ask('read', (database) => {
      const found = database.prepare<[string], SessionRow>(selectSession).get(session)
      if (found === undefined) return { length: 0, rows: [] }
      const base = found.number * seqLimit
      const rows = database
        .prepare<[number, number, number], EntryRow>(selectEntries)
        .all(base + from, base + seqLimit, chunkRows)
        .map(({ position, hash, body }) => ({ seq: position - base, hash, body }))
      return { length: found.length, rows }
    })

  return {
    async *read(session, fromSeq = 0, signal) {
      if (!Number.isSafeInteger(fromSeq) || fromSeq < 0) {
        throw new DriverError('invalid', 'read', `${fromSeq} is not a position in a session.`)
      }
      let next = fromSeq
      for (;;) {
        signal?.throwIfAborted()
        const { length, rows } = chunk(session, next)
        for (const row of rows) {
          if (row.seq !== next) throw gap(path, session, next)
          yield row
          next += 1
        }
        if (rows.length < chunkRows) {
          if (next < length) throw gap(path, session, next)
          return
        }
      }
    },
    async length(session, signal) {
      signal?.throwIfAborted()
      return ask(
        'length',
        (database) => database.prepare<[string], SessionRow>(selectSession).get(session)?.length ?? 0,
      )
    },
    async list(signal) {
      signal?.throwIfAborted()
      return ask('list', (database) => database.prepare<[], SessionHead>(selectHeads).all())
    },
  }
}

function gap(path: string, session: string, seq: number): DriverError {
  return new DriverError(
    'corrupt',
    'read',
    `${path}: entry ${seq} of session ${session} is missing. Keep a copy of the whole home, and restore it from a backup or an export.`,
  )
}
