import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal, JournalEntry } from '../journal.ts'
import { collect } from './collect.ts'
import { expectCode } from './expect-code.ts'

/** What every journal must do. @param open an empty one for each test; the suite closes it. */
export function journalCompliance(name: string, open: () => Promise<Journal>): void {
  describe(`journal compliance: ${name}`, () => {
    let journal: Journal
    beforeEach(async () => {
      journal = await open()
    })
    afterEach(() => journal.close())

    it('returns what was appended, byte for byte and in order', async () => {
      const odd = ['{"a":"é 💶 \\u0000"}', '', '\u0000', 'x'.repeat(300_000)]
      const entries = odd.map((body, seq) => entry(seq, body))
      await journal.append('s', entries)
      expect(await collect(journal.read('s'))).toEqual(entries)
    })

    it('continues at the head, whatever the size of the groups', async () => {
      const entries = range(0, 1_000)
      for (const [from, to] of [
        [0, 1],
        [1, 3],
        [3, 500],
        [500, 1_000],
      ] as const) {
        await journal.append('s', entries.slice(from, to))
        expect(await journal.length('s')).toBe(to)
      }
      expect(await collect(journal.read('s'))).toEqual(entries)
    })

    it('reads from any position, and nothing past the end', async () => {
      await journal.append('s', range(0, 450))
      expect((await collect(journal.read('s', 449))).map((each) => each.seq)).toEqual([449])
      expect((await collect(journal.read('s', 199))).length).toBe(251)
      expect(await collect(journal.read('s', 450))).toEqual([])
      expect(await collect(journal.read('s', 9_999))).toEqual([])
    })

    it('knows nothing of a session nobody wrote', async () => {
      expect(await journal.length('nobody')).toBe(0)
      expect(await collect(journal.read('nobody'))).toEqual([])
      expect(await journal.list()).toEqual([])
    })

    it('rejects an append before or past the head with conflict, and keeps nothing of it', async () => {
      await journal.append('s', range(0, 10))
      await expectCode(journal.append('s', range(9, 12)), 'conflict')
      await expectCode(journal.append('s', range(0, 1)), 'conflict')
      await expectCode(journal.append('s', range(11, 12)), 'conflict')
      await expectCode(journal.append('new', range(1, 2)), 'conflict')
      expect(await journal.length('s')).toBe(10)
      expect(await journal.length('new')).toBe(0)
      expect((await journal.list()).map((head) => head.session)).toEqual(['s'])
    })

    it('rejects entries with a gap, none at all, or a hash that is none, with invalid', async () => {
      await expectCode(journal.append('s', []), 'invalid')
      await expectCode(journal.append('s', [entry(0), entry(2)]), 'invalid')
      await expectCode(journal.append('s', [entry(0), entry(0)]), 'invalid')
      await expectCode(journal.append('s', [entry(-1)]), 'invalid')
      await expectCode(journal.append('s', [{ ...entry(0), hash: 'AB' }]), 'invalid')
      await expectCode(journal.append('', [entry(0)]), 'invalid')
      expect(await journal.list()).toEqual([])
    })

    it('rejects a body it could not give back unchanged', async () => {
      await expectCode(journal.append('s', [entry(0, 'half a pair: \ud83d')]), 'invalid')
    })

    it('lets exactly one of many appends to the same position win', async () => {
      const attempts = Array.from({ length: 20 }, (_, index) => entry(0, `writer ${index}`))
      const outcomes = await Promise.allSettled(attempts.map((attempt) => journal.append('s', [attempt])))
      const winners = attempts.filter((_, index) => outcomes[index]?.status === 'fulfilled')
      expect(winners).toHaveLength(1)
      expect(await collect(journal.read('s'))).toEqual(winners)
    })

    it('keeps sessions apart', async () => {
      await journal.append('a', [entry(0, 'of a')])
      await journal.append('b', [entry(0, 'of b')])
      await journal.append('a', [entry(1, 'of a again')])
      expect((await collect(journal.read('a'))).map((each) => each.body)).toEqual(['of a', 'of a again'])
      expect((await collect(journal.read('b'))).map((each) => each.body)).toEqual(['of b'])
    })

    it('lists the newest session first, with its length', async () => {
      for (const session of ['first', 'second', 'third']) await journal.append(session, range(0, 3))
      await journal.append('first', range(3, 5))
      const heads = await journal.list()
      expect(heads.map((head) => [head.session, head.length])).toEqual([
        ['third', 3],
        ['second', 3],
        ['first', 5],
      ])
      for (const head of heads) expect(head.createdAt).toBeGreaterThan(1_600_000_000_000)
    })

    it('takes appends while somebody reads', async () => {
      await journal.append('s', range(0, 600))
      const seen: number[] = []
      for await (const { seq } of journal.read('s')) {
        if (seq === 300) await journal.append('s', range(600, 700))
        seen.push(seq)
      }
      expect(seen.slice(0, 600)).toEqual(range(0, 600).map((each) => each.seq))
      expect(await journal.length('s')).toBe(700)
    })

    it('does nothing for a signal that is aborted', async () => {
      const signal = AbortSignal.abort(new Error('enough'))
      await expect(journal.append('s', range(0, 1), signal)).rejects.toThrow('enough')
      await expect(journal.length('s', signal)).rejects.toThrow('enough')
      await expect(journal.list(signal)).rejects.toThrow('enough')
      await expect(collect(journal.read('s', 0, signal))).rejects.toThrow('enough')
      expect(await journal.length('s')).toBe(0)
    })
  })
}

function entry(seq: number, body = `{"seq":${seq}}`): JournalEntry {
  return { seq, hash: createHash('sha256').update(body).digest('hex'), body }
}

function range(from: number, to: number): JournalEntry[] {
  return Array.from({ length: to - from }, (_, index) => entry(from + index))
}
