import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ObjectStore } from '../object-store.ts'
import { collect } from './collect.ts'
import { expectCode } from './expect-code.ts'

const badKeys = [
  '',
  '/',
  '/etc/passwd',
  '..',
  '../escape',
  'a/../b',
  'a/..',
  './a',
  'a/.',
  'a//b',
  'a/',
  'a\0b',
  'a b',
  'a\\b',
  'a%2e%2e/b',
  '~/a',
  'é',
  'a\n',
  'x'.repeat(256),
  `${'abcdefg/'.repeat(128)}x`,
]

/** What every object store must do. @param open an empty one for each test. */
export function objectStoreCompliance(name: string, open: () => Promise<ObjectStore>): void {
  describe(`object store compliance: ${name}`, () => {
    let objects: ObjectStore
    beforeEach(async () => {
      objects = await open()
    })

    it('returns the bytes that were put, none and many', async () => {
      for (const [index, body] of [
        new Uint8Array(),
        Uint8Array.of(0, 255, 10, 13),
        randomBytes(1_000_000),
      ].entries()) {
        await objects.put(`body/${index}`, body)
        expect(Buffer.compare(await objects.get(`body/${index}`), body)).toBe(0)
      }
    })

    it('accepts the same bytes under the same key again, at the same time too', async () => {
      const body = randomBytes(10_000)
      await Promise.all(Array.from({ length: 10 }, () => objects.put('evidence/ab/same', body)))
      await objects.put('evidence/ab/same', body)
      expect(Buffer.compare(await objects.get('evidence/ab/same'), body)).toBe(0)
    })

    it('rejects other bytes under the same key with conflict, and keeps the first', async () => {
      await objects.put('key', text('first'))
      await expectCode(objects.put('key', text('other')), 'conflict')
      await expectCode(objects.put('key', text('first and more')), 'conflict')
      await expectCode(objects.put('key', text('')), 'conflict')
      expect(Buffer.from(await objects.get('key')).toString()).toBe('first')
    })

    it('lets one of several different bodies win when they come at the same time', async () => {
      const bodies = Array.from({ length: 10 }, (_, index) => text(`body ${index}`))
      const outcomes = await Promise.allSettled(bodies.map((body) => objects.put('race', body)))
      const winners = bodies.filter((_, index) => outcomes[index]?.status === 'fulfilled')
      expect(winners).toHaveLength(1)
      expect(Buffer.from(await objects.get('race')).toString()).toBe(winners[0]?.toString())
    })

    it('keeps its own copy of the bytes', async () => {
      const body = text('before')
      await objects.put('copy', body)
      body.fill(0)
      expect(Buffer.from(await objects.get('copy')).toString()).toBe('before')
    })

    it('rejects with not-found what nobody put', async () => {
      await objects.put('folder/key', text('x'))
      await expectCode(objects.get('nothing'), 'not-found')
      await expectCode(objects.get('folder'), 'not-found')
      await expectCode(objects.get('folder/key/more'), 'not-found')
      expect(await objects.has('nothing')).toBe(false)
      expect(await objects.has('folder')).toBe(false)
      expect(await objects.has('folder/key/more')).toBe(false)
      expect(await objects.has('folder/key')).toBe(true)
    })

    for (const key of badKeys) {
      it(`rejects the key ${JSON.stringify(key.slice(0, 20))} with invalid`, async () => {
        await expectCode(objects.put(key, text('x')), 'invalid')
        await expectCode(objects.get(key), 'invalid')
        await expectCode(objects.has(key), 'invalid')
      })
    }

    it('takes every key the port allows', async () => {
      const keys = ['a', 'A-b_c.d:e', '...', '.hidden', `${'x'.repeat(255)}/y`, '0/1/2/3/4/5/6/7/8/9']
      for (const key of keys) await objects.put(key, text(key))
      for (const key of keys) expect(Buffer.from(await objects.get(key)).toString()).toBe(key)
      expect(await collect(objects.list(''))).toEqual([...keys].sort())
    })

    it('lists the keys of a prefix, sorted by code unit', async () => {
      const keys = ['b/1', 'a/2', 'a/10', 'a.b', 'a-b', 'a0', 'ab/c/d', 'a:b/c', 'a/2.x', 'B']
      for (const key of keys) await objects.put(key, text(key))
      const sorted = [...keys].sort()
      for (const prefix of ['', 'a', 'a/', 'a/1', 'ab/c/d', 'ab/c/d/', 'zzz', '..', 'a/2']) {
        expect(await collect(objects.list(prefix))).toEqual(sorted.filter((key) => key.startsWith(prefix)))
      }
    })

    it('does nothing for a signal that is aborted', async () => {
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(objects.put('key', text('x'), signal)).rejects.toThrow('enough')
      expect(await objects.has('key')).toBe(false)
      await objects.put('key', text('x'))
      await expect(objects.get('key', signal)).rejects.toThrow()
      await expect(objects.has('key', signal)).rejects.toThrow('enough')
      await expect(collect(objects.list('', signal))).rejects.toThrow('enough')
    })
  })
}

function text(value: string): Buffer {
  return Buffer.from(value)
}
