import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, statSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Journal, JournalEntry } from '@infrafabric/ports'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startChild } from './child.ts'
import { openJournal, openJournalReadOnly } from './journal.ts'
import { snapshot } from './snapshot.ts'
import { temporaryHome } from './temporary-home.ts'

const journalIn = (home: string) => join(home, 'journal.db')

describe('a journal shared by processes', () => {
  it('lets exactly one of them win each position, without gaps', async () => {
    const path = journalIn(temporaryHome(onTestFinished))
    const racers = [1, 2, 3, 4].map(() => startChild('race-for-entries', path, 's', '200'))
    const outputs = await Promise.all(racers.map((racer) => racer.finished))
    const results: { pid: number; won: number[] }[] = outputs.map((output) => JSON.parse(output))

    const journal = await openJournal(path, Date.now)
    const entries = await readAll(journal, 's')
    await journal.close()
    expect(entries.map((each) => each.seq)).toEqual(entries.map((_, index) => index))
    expect(entries.length).toBeGreaterThanOrEqual(200)
    const winners = new Map(results.flatMap(({ pid, won }) => won.map((seq) => [seq, pid])))
    expect(results.reduce((sum, { won }) => sum + won.length, 0)).toBe(entries.length)
    for (const { seq, body } of entries) expect(JSON.parse(body)).toEqual({ seq, pid: winners.get(seq) })
    expect(results.filter(({ won }) => won.length > 0).length).toBeGreaterThan(1)
  })

  it('has every acknowledged entry after each of 20 kill -9, and none in part', async () => {
    const path = journalIn(temporaryHome(onTestFinished))
    let acknowledged = 0
    for (let round = 0; round < 20; round += 1) {
      const writer = startChild('append-until-killed', path, 's')
      await writer.says('\n')
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 40))
      await writer.kill()
      const last = Number(writer.output().trimEnd().split('\n').at(-1))
      expect(last).toBeGreaterThan(acknowledged)
      acknowledged = last

      const journal = await openJournal(path, Date.now)
      const length = await journal.length('s')
      expect(length).toBeGreaterThanOrEqual(acknowledged)
      expect(length % 3).toBe(0)
      const entries = await readAll(journal, 's')
      expect(entries.map((each) => each.seq)).toEqual(Array.from({ length }, (_, index) => index))
      expect(entries.every(isIntact)).toBe(true)
      await journal.close()
    }
  })
})

describe('a journal file', () => {
  it('is in WAL mode, and a commit waits for the disk', async () => {
    const path = journalIn(temporaryHome(onTestFinished))
    const journal = await openJournal(path, Date.now)
    await journal.append('s', [entry(0)])
    expect(readdirSync(join(path, '..')).sort()).toEqual(['journal.db', 'journal.db-shm', 'journal.db-wal'])
    await journal.close()
    const plain = new Database(path)
    expect(plain.pragma('journal_mode', { simple: true })).toBe('wal')
    plain.close()
  })

  it('is refused as corrupt when it is not a database, and is left as it was', async () => {
    const path = journalIn(temporaryHome(onTestFinished))
    overwrite(path, 0, 'w', 'this was never a database'.repeat(100))
    const before = statSync(path)
    await expect(openJournal(path, Date.now)).rejects.toMatchObject({ code: 'corrupt' })
    await expect(openJournal(path, Date.now)).rejects.toThrow(path)
    expect(statSync(path).mtimeMs).toBe(before.mtimeMs)
    expect(statSync(path).size).toBe(before.size)
  })

  it('is reported as corrupt, by name, when its pages were overwritten', async () => {
    const path = journalIn(temporaryHome(onTestFinished))
    const journal = await openJournal(path, Date.now)
    await journal.append(
      's',
      Array.from({ length: 500 }, (_, seq) => entry(seq)),
    )
    await journal.close()
    overwrite(path, 4_096 * 20, 'r+', '\xff'.repeat(4_096 * 20))
    const damaged = await openJournal(path, Date.now)
    await expect(readAll(damaged, 's')).rejects.toMatchObject({ code: 'corrupt' })
    await expect(readAll(damaged, 's')).rejects.toThrow(path)
    await damaged.close()
  })

  it('is reported as corrupt when an entry is missing in the middle or at the end', async () => {
    for (const missing of [4, 9]) {
      const path = journalIn(temporaryHome(onTestFinished))
      const journal = await openJournal(path, Date.now)
      await journal.append(
        's',
        Array.from({ length: 10 }, (_, seq) => entry(seq)),
      )
      const thief = new Database(path)
      thief.prepare('DELETE FROM entry WHERE position % 4294967296 = ?').run(missing)
      thief.close()
      await expect(readAll(journal, 's')).rejects.toMatchObject({ code: 'corrupt' })
      await expect(readAll(journal, 's')).rejects.toThrow(`entry ${missing} of session s is missing`)
      await journal.close()
    }
  })

  it('is left as it was by readers, whether its writer closed it, lives, or was killed', async () => {
    const home = temporaryHome(onTestFinished)
    const path = journalIn(home)
    const reader = openJournalReadOnly(path)
    const closing = await openJournal(path, Date.now)
    await closing.append('s', [entry(0), entry(1)])
    await closing.close()
    await expectReads(reader, home, 2)

    const writer = startChild('append-until-killed', path, 's')
    await writer.says('\n')
    await writer.kill()
    expect(readdirSync(home)).toContain('journal.db-wal')
    const journal = openJournalReadOnly(path)
    await expectReads(journal, home, await journal.length('s'))
    expect(await journal.length('s')).toBeGreaterThan(2)
  })

  it('shows readers what a living writer of another process has acknowledged', async () => {
    const path = journalIn(temporaryHome(onTestFinished))
    const writer = startChild('append-until-killed', path, 's')
    await writer.says('\n')
    const reader = openJournalReadOnly(path)
    for (let round = 0; round < 20; round += 1) {
      const acknowledged = Number(writer.output().trimEnd().split('\n').at(-1))
      expect(await reader.length('s')).toBeGreaterThanOrEqual(acknowledged)
      const entries = await readAll(reader, 's')
      expect(entries.length).toBeGreaterThanOrEqual(acknowledged)
      expect(entries.every(isIntact)).toBe(true)
    }
    await writer.kill()
  })

  it('says what to do when a killed writer left a log that cannot be read without writing', async () => {
    const path = journalIn(temporaryHome(onTestFinished))
    const writer = startChild('append-until-killed', path, 's')
    await writer.says('\n')
    await writer.kill()
    unlinkSync(`${path}-shm`)
    await expect(openJournalReadOnly(path).list()).rejects.toThrow('Copy the whole home to a writable place')
  })

  it('says what to do when somebody else loaded SQLite first', async () => {
    const path = journalIn(temporaryHome(onTestFinished))
    await (await openJournal(path, Date.now)).close()
    expect(await startChild('read-late', path).finished).toMatch(/^unavailable: .*SQLITE_USE_URI=1/)
  })

  it('takes nothing when it was opened for reading', async () => {
    const path = journalIn(temporaryHome(onTestFinished))
    await (await openJournal(path, Date.now)).close()
    await expect(openJournalReadOnly(path).append('s', [entry(0)])).rejects.toMatchObject({ code: 'denied' })
  })
})

async function expectReads(reader: Journal, home: string, length: number): Promise<void> {
  const before = snapshot(home)
  expect(await reader.length('s')).toBe(length)
  expect(await readAll(reader, 's')).toHaveLength(length)
  expect((await reader.list()).map((head) => head.length)).toEqual([length])
  expect(snapshot(home)).toEqual(before)
}

function overwrite(path: string, position: number, flags: string, text: string): void {
  const file = openSync(path, flags)
  writeSync(file, Buffer.from(text, 'latin1'), 0, text.length, position)
  closeSync(file)
}

function entry(seq: number): JournalEntry {
  const body = JSON.stringify({ seq, filling: 'x'.repeat(1_500) })
  return { seq, hash: createHash('sha256').update(body).digest('hex'), body }
}

function isIntact({ body, hash }: JournalEntry): boolean {
  return createHash('sha256').update(body).digest('hex') === hash
}

async function readAll(journal: Journal, session: string): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = []
  for await (const each of journal.read(session)) entries.push(each)
  return entries
}
