import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { evidenceKey } from '@infrafabric/ports'
import { expect, it, onTestFinished } from 'vitest'
import { openObjectStore } from './object-store.ts'
import { temporaryHome } from './temporary-home.ts'

const rootIn = (home: string) => join(home, 'objects')

it('removes what killed writers left behind after an hour, not before', async () => {
  const root = rootIn(temporaryHome(onTestFinished))
  const now = Date.now()
  const unfinished = join(root, '~unfinished')
  mkdirSync(unfinished, { recursive: true })
  for (const [name, ageMinutes] of [
    ['old', 61],
    ['young', 59],
  ] as const) {
    writeFileSync(join(unfinished, name), 'half')
    utimesSync(join(unfinished, name), now / 1_000, now / 1_000 - ageMinutes * 60)
  }
  const objects = await openObjectStore(root, { now: () => now })
  expect(readdirSync(unfinished)).toEqual(['young'])
  const keys: string[] = []
  for await (const key of objects.list('')) keys.push(key)
  expect(keys).toEqual([])
})

it('leaves nothing unfinished behind, whether a put succeeds, conflicts or is stopped', async () => {
  const root = rootIn(temporaryHome(onTestFinished))
  const objects = await openObjectStore(root, { now: Date.now })
  await objects.put('key', Buffer.from('one'))
  await expect(objects.put('key', Buffer.from('two'))).rejects.toMatchObject({ code: 'conflict' })
  const abort = new AbortController()
  const stopped = objects.put('stopped', randomBytes(5_000_000), abort.signal)
  abort.abort()
  await stopped.catch(() => {})
  await Promise.allSettled([1, 2, 3].map((body) => objects.put('race', Buffer.from(`${body}`))))
  expect(readdirSync(join(root, '~unfinished'))).toEqual([])
})

it('rejects with conflict a key that goes on where another ends', async () => {
  const objects = await openObjectStore(rootIn(temporaryHome(onTestFinished)), { now: Date.now })
  await objects.put('a', Buffer.from('file'))
  await expect(objects.put('a/b', Buffer.from('x'))).rejects.toMatchObject({ code: 'conflict' })
  await objects.put('c/d', Buffer.from('x'))
  await expect(objects.put('c', Buffer.from('x'))).rejects.toMatchObject({ code: 'conflict' })
})

it('reads without making the folder that is missing', async () => {
  const root = rootIn(temporaryHome(onTestFinished))
  const objects = await openObjectStore(root, { now: Date.now, readOnly: true })
  await expect(objects.get('key')).rejects.toMatchObject({ code: 'not-found' })
  for await (const key of objects.list('')) expect.unreachable(key)
  await expect(objects.put('key', Buffer.from('x'))).rejects.toMatchObject({ code: 'denied' })
  expect(existsSync(root)).toBe(false)
})

it('stores a thousand documents that are put at the same time', async () => {
  const objects = await openObjectStore(rootIn(temporaryHome(onTestFinished)), { now: Date.now })
  const documents = Array.from({ length: 1_000 }, () => {
    const body = randomBytes(10_000)
    return { body, key: evidenceKey(createHash('sha256').update(body).digest('hex')) }
  })
  await Promise.all(documents.map(({ key, body }) => objects.put(key, body)))
  for (const { key, body } of documents) expect(Buffer.compare(await objects.get(key), body)).toBe(0)
})
