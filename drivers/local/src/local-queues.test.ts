import { join } from 'node:path'
import type { MessageBus } from '@infrafabric/ports'
import { expect, it, onTestFinished } from 'vitest'
import { openMessageBus } from './message-bus.ts'
import { temporaryHome } from './temporary-home.ts'

const queue = 's/coordinator'
const message = (id: string, group = id) => ({ queue, group, id, body: `{"id":"${id}"}` })
const take = async (bus: MessageBus, max = 1_000) =>
  (await bus.receive(queue, { max, waitMs: 0, visibilityMs: 60_000 })).map(({ id }) => id)
/** Says that the queue is received from, without taking anything. */
const attend = (bus: MessageBus) => bus.receive('s/coordinator', { max: 1, waitMs: 0, visibilityMs: 1 })

/** Two processes as far as the bus can tell: each has a connection of its own. */
async function openTwo(): Promise<{ here: MessageBus; there: MessageBus }> {
  const path = join(temporaryHome(onTestFinished), 'bus.db')
  const here = await openMessageBus(path, { now: Date.now })
  const there = await openMessageBus(path, { now: Date.now })
  onTestFinished(async () => {
    await here.close()
    await there.close()
  })
  return { here, there }
}

it('shares what is sent to a queue that nobody here receives from', async () => {
  const { here, there } = await openTwo()
  await here.send([message('1')])
  expect(await take(there)).toEqual(['1'])
})

it('keeps to itself what is sent to a queue that it receives from', async () => {
  const { here, there } = await openTwo()
  await attend(here)
  await here.send([message('1')])
  expect(await take(there)).toEqual([])
  expect(await take(here)).toEqual(['1'])
})

it('receives what another process sends while it talks to itself, and wakes for it', async () => {
  const { here, there } = await openTwo()
  await attend(here)
  await here.send([message('own')])
  await there.send([message('cancel')])
  expect(await take(here)).toEqual(['cancel', 'own'])
  const waiting = here.receive(queue, { max: 1, waitMs: 20_000, visibilityMs: 1_000 })
  await there.send([message('again')])
  expect((await waiting).map(({ id }) => id)).toEqual(['again'])
})

it('keeps the order of a group that two processes send to', async () => {
  const { here, there } = await openTwo()
  await attend(here)
  await here.send([message('1', 'g')])
  await there.send([message('2', 'g')])
  await here.send([message('3', 'g')])
  const received: string[] = []
  for (let next = await attend(here); next.length > 0; next = await attend(here)) {
    received.push(...next.map(({ id }) => id))
    await here.acknowledge(next)
  }
  expect(received).toEqual(['1', '2', '3'])
})

it('passes over a group that waits for memory, however long it is, to serve another', async () => {
  const { here, there } = await openTwo()
  await attend(here)
  await here.send([message('1', 'g')])
  expect(await take(here)).toEqual(['1'])
  await there.send(Array.from({ length: 20 }, (_, index) => message(`g${index}`, 'g')))
  await there.send([message('other')])
  expect(await take(here, 1)).toEqual(['other'])
})

it('drops an id that went through the file before', async () => {
  const { here, there } = await openTwo()
  await there.send([message('1')])
  expect(await take(here)).toEqual(['1'])
  await here.send([message('1', 'another group'), message('2')])
  expect(await take(here)).toEqual(['2'])
})

it('leaves what was not acknowledged to other processes when it is closed, in order and with its count', async () => {
  const { here, there } = await openTwo()
  await attend(here)
  await here.send([message('1', 'g'), message('2', 'g'), message('3')])
  expect(await take(here, 1)).toEqual(['1'])
  await here.close()
  const left = await there.receive(queue, { max: 10, waitMs: 0, visibilityMs: 1_000 })
  expect(left.map(({ id, receives }) => [id, receives])).toEqual([
    ['1', 2],
    ['2', 1],
    ['3', 1],
  ])
})

it('leaves what waits to other processes when it stops receiving', async () => {
  const { here, there } = await openTwo()
  await attend(here)
  await here.send([message('1')])
  const left = await there.receive(queue, { max: 1, waitMs: 20_000, visibilityMs: 1_000 })
  expect(left.map(({ id }) => id)).toEqual(['1'])
})

it('shows its dead letters to other processes', async () => {
  const { here, there } = await openTwo()
  await attend(here)
  await here.send([message('1')])
  for (let receives = 1; receives <= here.receivesMax; receives++) {
    await here.release(await here.receive(queue, { max: 1, waitMs: 0, visibilityMs: 60_000 }), 0)
  }
  expect(await take(here)).toEqual([])
  expect(await there.deadLetters(queue)).toMatchObject([{ id: '1', receives: here.receivesMax }])
})

it('hands out again in the old order what was released out of order', async () => {
  const { here } = await openTwo()
  await attend(here)
  await here.send(['1', '2', '3', '4'].map((id) => message(id)))
  const [one, two, three] = await here.receive(queue, { max: 3, waitMs: 0, visibilityMs: 60_000 })
  for (const each of [three, one, two]) if (each !== undefined) await here.release([each], 0)
  expect(await take(here)).toEqual(['1', '2', '3', '4'])
})
