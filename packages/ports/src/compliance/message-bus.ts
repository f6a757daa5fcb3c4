import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Delivery, MessageBus, Outgoing } from '../message-bus.ts'
import { expectCode } from './expect-code.ts'

export interface BusUnderTest {
  bus: MessageBus
  /** Lets this much of the bus's time pass, by its clock or by waiting. */
  advance(ms: number): Promise<void>
}

const queue = 'handover-7f3k/agents'
const visibilityMs = 2_000

/** What every bus must do. @param open one without messages for each test; the suite closes it. */
export function messageBusCompliance(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`message bus compliance: ${name}`, () => {
    let bus: MessageBus
    let advance: BusUnderTest['advance']
    beforeEach(async () => {
      const underTest = await open()
      bus = underTest.bus
      advance = underTest.advance
    })
    afterEach(() => bus.close())

    const take = (max = 10) => bus.receive(queue, { max, waitMs: 0, visibilityMs })

    /** Receives and acknowledges until nothing is left. */
    async function drain(): Promise<Delivery[]> {
      const drained: Delivery[] = []
      for (let batch = await take(); batch.length > 0; batch = await take()) {
        drained.push(...batch)
        await bus.acknowledge(batch)
      }
      return drained
    }

    /** Makes dead letters of everything in the queue. */
    async function wearOut(): Promise<void> {
      for (let round = 0; round <= bus.receivesMax; round += 1) {
        for (let batch = await take(); batch.length > 0; batch = await take());
        await advance(visibilityMs + 1)
      }
    }

    it('delivers what was sent, unchanged', async () => {
      const body = '{"text":"é 💶 \\u2028"}'
      await bus.send([{ queue, group: 'h01', id: 'm1', body }])
      const [delivery] = await take()
      expect(delivery).toMatchObject({ queue, id: 'm1', body, receives: 1 })
    })

    it('keeps the order within a group', async () => {
      const sent = Array.from({ length: 60 }, (_, index) => message(index, `g${index % 3}`))
      await bus.send(sent.slice(0, 30))
      await bus.send(sent.slice(30))
      const received = (await drain()).map((delivery) => delivery.id)
      expect([...received].sort()).toEqual(sent.map((each) => each.id).sort())
      for (const group of ['g0', 'g1', 'g2']) {
        const ids = sent.filter((each) => each.group === group).map((each) => each.id)
        expect(received.filter((id) => ids.includes(id))).toEqual(ids)
      }
    })

    it('hands out nothing more of a group while some of it is in flight', async () => {
      await bus.send([message(1, 'a'), message(2, 'a'), message(3, 'b')])
      const first = await take(1)
      expect(ids(first)).toEqual(['m1'])
      expect(ids(await take())).toEqual(['m3'])
      expect(await take()).toEqual([])
      await bus.acknowledge(first)
      expect(ids(await take())).toEqual(['m2'])
    })

    it('keeps a group waiting until the whole batch is settled', async () => {
      await bus.send([message(1, 'a'), message(2, 'a'), message(3, 'a')])
      const batch = await take(2)
      expect(ids(batch)).toEqual(['m1', 'm2'])
      await bus.acknowledge(batch.slice(1))
      expect(await take()).toEqual([])
      await bus.acknowledge(batch)
      expect(ids(await take())).toEqual(['m3'])
    })

    it('drops an id that was sent to this queue before, even after it was acknowledged', async () => {
      await bus.send([message(1), message(1), message(2)])
      await bus.send([message(1)])
      expect(ids(await drain())).toEqual(['m1', 'm2'])
      await bus.send([message(2)])
      expect(await take()).toEqual([])
    })

    it('takes the same id on another queue', async () => {
      const other = 'handover-7f3k/coordinator'
      await bus.send([message(1), { ...message(1), queue: other }])
      expect(ids(await take())).toEqual(['m1'])
      expect(ids(await bus.receive(other, { max: 1, waitMs: 0, visibilityMs }))).toEqual(['m1'])
    })

    it('hands a message out again when its time has passed, with a new receipt', async () => {
      await bus.send([message(1)])
      const [first] = await take()
      expect(await take()).toEqual([])
      await advance(visibilityMs + 1)
      const [second] = await take()
      expect(second).toMatchObject({ id: 'm1', receives: 2 })
      expect(second?.receipt).not.toBe(first?.receipt)
    })

    it('ignores a receipt that is no longer current', async () => {
      await bus.send([message(1)])
      const stale = await take()
      await advance(visibilityMs + 1)
      const current = await take()
      await bus.acknowledge(stale)
      await bus.release(stale, 0)
      expect(await take()).toEqual([])
      await advance(visibilityMs + 1)
      expect(ids(await take())).toEqual(['m1'])
      expect(current[0]?.receives).toBe(2)
    })

    it('acknowledges once and for all, however often it is told', async () => {
      await bus.send([message(1)])
      const batch = await take()
      await bus.acknowledge(batch)
      await bus.acknowledge(batch)
      await advance(visibilityMs + 1)
      expect(await take()).toEqual([])
    })

    it('releases at once or after a delay, in the old order', async () => {
      await bus.send([message(1), message(2)])
      await bus.release(await take(), 0)
      const again = await take()
      expect(again.map((each) => [each.id, each.receives])).toEqual([
        ['m1', 2],
        ['m2', 2],
      ])
      await bus.release(again, 1_000)
      expect(await take()).toEqual([])
      await advance(1_001)
      expect(ids(await take())).toEqual(['m1', 'm2'])
    })

    it('ignores the receipt of a message that was released', async () => {
      await bus.send([message(1)])
      const released = await take()
      await bus.release(released, 1_000)
      await bus.acknowledge(released)
      await bus.release(released, 0)
      expect(await take()).toEqual([])
      await advance(1_001)
      expect(ids(await take())).toEqual(['m1'])
    })

    it('puts a message that was handed out too often with the dead letters, and goes on with its group', async () => {
      await bus.send([message(1, 'a'), message(2, 'a')])
      for (let receives = 1; receives <= bus.receivesMax; receives += 1) {
        expect((await take(1)).map((each) => [each.id, each.receives])).toEqual([['m1', receives]])
        await advance(visibilityMs + 1)
      }
      expect(ids(await take(1))).toEqual(['m2'])
      expect(await bus.deadLetters(queue)).toEqual([
        { queue, id: 'm1', body: message(1).body, receives: bus.receivesMax },
      ])
    })

    it('has no dead letters in a queue where nothing failed', async () => {
      await bus.send([message(1)])
      expect(await bus.deadLetters(queue)).toEqual([])
      expect(await bus.deadLetters('nobody/agents')).toEqual([])
      expect(await bus.redrive(queue)).toBe(0)
    })

    it('redrives dead letters to the end of the queue, with a fresh count', async () => {
      await bus.send([message(1, 'a'), message(2, 'b')])
      const [stale] = await take(1)
      await advance(visibilityMs + 1)
      await wearOut()
      expect(ids(await bus.deadLetters(queue))).toEqual(['m1', 'm2'])
      await bus.send([message(3, 'a')])
      expect(await bus.redrive(queue)).toBe(2)
      expect(await bus.deadLetters(queue)).toEqual([])
      if (stale !== undefined) await bus.acknowledge([stale])
      const received = await drain()
      expect(ids(received)).toEqual(['m3', 'm1', 'm2'])
      expect(received.every((each) => each.receives === 1)).toBe(true)
    })

    it('wakes a waiting receiver when a message comes', async () => {
      const waiting = bus.receive(queue, { max: 10, waitMs: 20_000, visibilityMs })
      await bus.send([message(1)])
      expect(ids(await waiting)).toEqual(['m1'])
    })

    it('gives each waiting receiver its own message', async () => {
      const waiting = [1, 2, 3].map(() => bus.receive(queue, { max: 1, waitMs: 20_000, visibilityMs }))
      await bus.send([message(1, 'a'), message(2, 'b'), message(3, 'c')])
      expect(
        (await Promise.all(waiting))
          .flat()
          .map((each) => each.id)
          .sort(),
      ).toEqual(['m1', 'm2', 'm3'])
    })

    it('answers with nothing when the wait is over', async () => {
      expect(await bus.receive(queue, { max: 1, waitMs: 60, visibilityMs })).toEqual([])
    })

    it('stops waiting when the signal is aborted, and takes nothing then', async () => {
      const abort = new AbortController()
      const waiting = bus.receive(queue, { max: 1, waitMs: 20_000, visibilityMs, signal: abort.signal })
      abort.abort(new Error('enough'))
      await expect(waiting).rejects.toThrow('enough')
      await bus.send([message(1)])
      const options = { max: 1, waitMs: 0, visibilityMs, signal: abort.signal }
      await expect(bus.receive(queue, options)).rejects.toThrow('enough')
      expect((await take())[0]?.receives).toBe(1)
    })

    it('rejects a body over the limit with too-large, and sends nothing of that call', async () => {
      const fits = { ...message(1), body: 'é'.repeat(bus.bodyBytesMax / 2) }
      await bus.send([fits])
      await bus.acknowledge(await take())
      await expectCode(bus.send([message(2), { ...message(3), body: `${fits.body}x` }]), 'too-large')
      expect(await take()).toEqual([])
    })

    it('forgets all of a purged queue and nothing of another', async () => {
      const other = 'other-1a2b/agents'
      await bus.send([message(1, 'a'), message(2, 'a'), { ...message(1), queue: other }])
      await take(1)
      await bus.purge(queue)
      await bus.purge(queue)
      await bus.purge('nobody/agents')
      await advance(visibilityMs + 1)
      expect(await take()).toEqual([])
      expect(await bus.deadLetters(queue)).toEqual([])
      expect(ids(await bus.receive(other, { max: 1, waitMs: 0, visibilityMs }))).toEqual(['m1'])
    })
  })
}

function message(number: number, group = 'h01'): Outgoing {
  return { queue, group, id: `m${number}`, body: `{"number":${number}}` }
}

function ids(items: readonly { id: string }[]): string[] {
  return items.map((item) => item.id)
}
