import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MessageBus } from '@infrafabric/ports'
import { expect, it, onTestFinished } from 'vitest'
import { startChild } from './child.ts'
import { openMessageBus } from './message-bus.ts'
import { temporaryHome } from './temporary-home.ts'

const queue = 's/agents'
const message = (id: string, group = id) => ({ queue, group, id, body: `{"id":"${id}"}` })
const take = (bus: MessageBus, max = 1_000) => bus.receive(queue, { max, waitMs: 0, visibilityMs: 1_000 })

async function openAt(time: { ms: number }, receivesMax?: number): Promise<MessageBus> {
  const path = join(temporaryHome(onTestFinished), 'bus.db')
  const bus = await openMessageBus(path, { now: () => time.ms, receivesMax })
  onTestFinished(() => bus.close())
  return bus
}

it('gives each message to one of several processes, in order within a group', async () => {
  const path = join(temporaryHome(onTestFinished), 'bus.db')
  const workers = [1, 2, 3].map(() => startChild('work-off-queue', path, queue))
  await Promise.all(workers.map((worker) => worker.says('ready')))
  const bus = await openMessageBus(path, { now: Date.now })
  const sent = Array.from({ length: 300 }, (_, index) => message(`m${index}`, `g${index % 7}`))
  for (let start = 0; start < sent.length; start += 50) await bus.send(sent.slice(start, start + 50))
  await bus.send([1, 2, 3].map((number) => message(`stop${number}`)))
  const outputs = await Promise.all(workers.map((worker) => worker.finished))
  await bus.close()

  const received: string[][] = outputs.map((output) => JSON.parse(output.replace('ready\n', '')))
  const messages = received.map((ids) => ids.filter((id) => id.startsWith('m')))
  expect(messages.flat().sort()).toEqual(sent.map(({ id }) => id).sort())
  for (const ids of messages) {
    for (const group of ['g0', 'g3']) {
      const numbers = ids.map((id) => Number(id.slice(1))).filter((number) => `g${number % 7}` === group)
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    }
  }
})

it('keeps messages when it is closed and opened again', async () => {
  const path = join(temporaryHome(onTestFinished), 'bus.db')
  const first = await openMessageBus(path, { now: Date.now })
  await first.send([message('1'), message('2')])
  await first.close()
  const second = await openMessageBus(path, { now: Date.now })
  expect((await take(second)).map(({ id }) => id)).toEqual(['1', '2'])
  await second.close()
})

it('remembers an id for five minutes, and takes it again afterwards', async () => {
  const time = { ms: 1_000_000 }
  const bus = await openAt(time)
  await bus.send([message('1')])
  await bus.acknowledge(await take(bus))
  time.ms += 299_999
  await bus.send([message('1')])
  expect(await take(bus)).toEqual([])
  time.ms += 1
  await bus.send([message('1')])
  expect(await take(bus)).toHaveLength(1)
})

it('forgets the ids that are old enough, and no others', async () => {
  const time = { ms: 1_000_000 }
  const bus = await openAt(time)
  await bus.send([message('old', 'g')])
  time.ms += 240_000
  await bus.send([message('young', 'g')])
  time.ms += 61_000
  await bus.send([message('other', 'g')])
  await bus.send([message('young', 'g'), message('old', 'g')])
  expect((await take(bus)).map(({ id }) => id)).toEqual(['old', 'young', 'other', 'old'])
})

it('goes past any number of worn-out messages to a living one', async () => {
  const time = { ms: 1_000_000 }
  const bus = await openAt(time, 1)
  await bus.send(Array.from({ length: 20 }, (_, index) => message(`dead${index}`, 'same')))
  await take(bus, 20)
  await bus.send([message('living', 'same')])
  time.ms += 1_001
  expect((await take(bus, 3)).map(({ id }) => id)).toEqual(['living'])
  expect(await bus.deadLetters(queue)).toHaveLength(20)
})

it('names a dead letter as soon as its last delivery has ended, without another receive', async () => {
  const time = { ms: 1_000_000 }
  const bus = await openAt(time, 2)
  await bus.send([message('1')])
  await bus.release(await take(bus), 0)
  await take(bus)
  expect(await bus.deadLetters(queue)).toEqual([])
  time.ms += 1_001
  expect(await bus.deadLetters(queue)).toMatchObject([{ id: '1', receives: 2 }])
})

it('wakes a receiver when a delay ends', async () => {
  const bus = await openMessageBus(join(temporaryHome(onTestFinished), 'bus.db'), { now: Date.now })
  await bus.send([message('1')])
  await bus.release(await take(bus), 80)
  const waited = await bus.receive(queue, { max: 1, waitMs: 20_000, visibilityMs: 1_000 })
  expect(waited).toMatchObject([{ id: '1', receives: 2 }])
  await bus.close()
})

it('works off ten thousand messages of one group', async () => {
  const bus = await openAt({ ms: 1_000_000 })
  const sent = Array.from({ length: 10_000 }, (_, index) => message(`${index}`, 'same'))
  await bus.send(sent)
  const received: string[] = []
  for (let batch = await take(bus, 100); batch.length > 0; batch = await take(bus, 100)) {
    received.push(...batch.map(({ id }) => id))
    await bus.acknowledge(batch)
  }
  expect(received).toEqual(sent.map(({ id }) => id))
})

it('answers receivers that wait with nothing when it is closed, and rejects what comes later', async () => {
  const bus = await openAt({ ms: 1_000_000 })
  const waiting = bus.receive(queue, { max: 1, waitMs: 20_000, visibilityMs: 1_000 })
  await bus.close()
  expect(await waiting).toEqual([])
  await expect(bus.send([message('1')])).rejects.toMatchObject({ code: 'invalid' })
})

it('rejects a request for no messages', async () => {
  const bus = await openAt({ ms: 1_000_000 })
  await bus.send([message('1')])
  for (const max of [0, -1, 1.5]) await expect(take(bus, max)).rejects.toMatchObject({ code: 'invalid' })
})

it('says that damaged queues may be removed', async () => {
  const path = join(temporaryHome(onTestFinished), 'bus.db')
  writeFileSync(path, Buffer.alloc(8_192, 7))
  const opening = openMessageBus(path, { now: Date.now })
  await expect(opening).rejects.toMatchObject({ code: 'corrupt' })
  await expect(opening).rejects.toThrow(`remove ${path}, ${path}-wal and ${path}-shm`)
})

it('rejects a receipt that no bus made', async () => {
  const bus = await openAt({ ms: 1_000_000 })
  const forged = { queue, id: '1', body: '', receives: 1, receipt: 'rubbish' }
  await expect(bus.acknowledge([forged])).rejects.toMatchObject({ code: 'invalid' })
})
