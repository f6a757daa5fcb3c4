import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { startChild } from './child.ts'
import { openDatabase, readOnly } from './database.ts'
import { temporaryHome } from './temporary-home.ts'

const schema = 'CREATE TABLE IF NOT EXISTS number (value INTEGER NOT NULL) STRICT'

it('keeps a commit waiting for the disk only where that is asked for', async () => {
  for (const [synchronous, level] of [
    ['full', 2],
    ['normal', 1],
  ] as const) {
    const path = join(temporaryHome(onTestFinished), 'x.db')
    const database = await openDatabase(path, { schema, synchronous })
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(database.pragma('synchronous', { simple: true })).toBe(level)
    database.close()
  }
})

it('lets many open a new file at the same time', async () => {
  const path = join(temporaryHome(onTestFinished), 'x.db')
  const opened = await Promise.all(
    Array.from({ length: 10 }, () => openDatabase(path, { schema, synchronous: 'full' })),
  )
  for (const database of opened) database.prepare('INSERT INTO number VALUES (1)').run()
  for (const database of opened) database.close()
})

it('reads again when a writer came while an immutable connection was reading', async () => {
  const home = temporaryHome(onTestFinished)
  const path = join(home, 'x.db')
  const first = await openDatabase(path, { schema, synchronous: 'full' })
  first.prepare('INSERT INTO number VALUES (1)').run()
  first.close()
  const writer = { ran: 0 }
  const sum = readOnly(path, (database) => {
    const value = database.prepare<[], number>('SELECT sum(value) FROM number').pluck().get()
    if (writer.ran === 0) {
      const second = new Database(path)
      second.prepare('INSERT INTO number VALUES (10)').run()
      second.close()
    }
    writer.ran += 1
    return value
  })
  expect(sum).toBe(11)
  expect(writer.ran).toBe(2)
  expect(readdirSync(home)).toEqual(['x.db'])
})

it('reads while another process opens and closes: its -shm file may go between the look and the opening', async () => {
  const path = join(temporaryHome(onTestFinished), 'x.db')
  const other = startChild('open-and-close', path)
  onTestFinished(() => other.kill())
  await other.says('ready')
  for (let read = 0; read < 1_000; read++) {
    try {
      readOnly(path, (database) => database.pragma('user_version', { simple: true }))
    } catch (error) {
      // It never rests: reading may be given up, but not as though it were forbidden.
      expect(error).toMatchObject({ code: 'busy' })
    }
  }
})
