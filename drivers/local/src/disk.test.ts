import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DriverError } from '@infrafabric/ports'
import { expect, it, onTestFinished, type TestContext } from 'vitest'
import { startChild } from './child.ts'
import { openLocalPlatform } from './platform.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'
import { snapshot } from './snapshot.ts'
import { temporaryHome } from './temporary-home.ts'

const hash = '0'.repeat(64)
const body = 'x'.repeat(100_000)

function smallDisk(context: TestContext): SmallDisk {
  const path = join(temporaryHome(onTestFinished), 'disk')
  const disk = mountSmallDisk(path, 4, onTestFinished)
  return disk ?? context.skip('mounting a small disk is not permitted here: run this test as root')
}

it('rejects with full when the disk is, keeps what was acknowledged, and goes on when there is space', async (context) => {
  const disk = smallDisk(context)
  const home = join(disk.path, 'home')
  let platform = await openLocalPlatform({ home })
  let length = 0
  let failure: unknown
  while (failure === undefined) {
    await platform.journal.append('s', [{ seq: length, hash, body }]).then(
      () => {
        length += 1
      },
      (error: unknown) => {
        failure = error
      },
    )
  }
  expect(length).toBeGreaterThan(5)
  expect(failure).toMatchObject({ name: 'DriverError', code: 'full' })
  expect(failure instanceof DriverError && failure.message).toContain(join(home, 'journal.db'))
  await expect(platform.bus.send([{ queue: 's/agents', group: 'a', id: '1', body }])).rejects.toMatchObject({
    code: 'full',
  })
  await expect(platform.objects.put('evidence/x', randomBytes(3_000_000))).rejects.toMatchObject({
    code: 'full',
  })
  expect(await platform.objects.has('evidence/x')).toBe(false)
  expect(readdirSync(join(home, 'objects', '~unfinished'))).toEqual([])
  expect(await platform.journal.length('s')).toBe(length)

  disk.resize(16)
  await platform.journal.append('s', [{ seq: length, hash, body }])
  await platform.objects.put('evidence/x', randomBytes(3_000_000))
  await platform.bus.send([{ queue: 's/agents', group: 'a', id: '1', body }])
  await platform.close()
  platform = await openLocalPlatform({ home })
  let read = 0
  for await (const entry of platform.journal.read('s')) {
    expect(entry).toEqual({ seq: read, hash, body })
    read += 1
  }
  expect(read).toBe(length + 1)
  await platform.close()
})

it('reads a home on a read-only disk, and names the reason when it would have to write', async (context) => {
  const disk = smallDisk(context)
  const home = join(disk.path, 'home')
  const writer = await openLocalPlatform({ home })
  await writer.journal.append('s', [{ seq: 0, hash, body }])
  await writer.objects.put('evidence/x', Buffer.from('kept'))
  await writer.close()
  disk.makeReadOnly()
  const before = snapshot(home)

  const reader = await openLocalPlatform({ home, readOnly: true })
  expect(await reader.journal.list()).toMatchObject([{ session: 's', length: 1 }])
  expect(Buffer.from(await reader.objects.get('evidence/x')).toString()).toBe('kept')
  await reader.close()
  await expect(openLocalPlatform({ home })).rejects.toMatchObject({ code: 'denied' })
  await expect(openLocalPlatform({ home })).rejects.toThrow('writable')
  expect(snapshot(home)).toEqual(before)
})

it('reads a home on a read-only disk whose writer was killed', async (context) => {
  const disk = smallDisk(context)
  const home = join(disk.path, 'home')
  await (await openLocalPlatform({ home })).close()
  const writer = startChild('append-until-killed', join(home, 'journal.db'), 's')
  await writer.says('\n')
  await writer.kill()
  const acknowledged = Number(writer.output().trimEnd().split('\n').at(-1))
  disk.makeReadOnly()
  const reader = await openLocalPlatform({ home, readOnly: true })
  expect(await reader.journal.length('s')).toBeGreaterThanOrEqual(acknowledged)
  await reader.close()
})
