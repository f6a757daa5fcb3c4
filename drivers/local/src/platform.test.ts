import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openLocalPlatform } from './platform.ts'
import { snapshot } from './snapshot.ts'
import { temporaryHome } from './temporary-home.ts'

const hash = '0'.repeat(64)

describe('a home', () => {
  it('is made with everything in it, for its owner only, and found again', async () => {
    const home = join(temporaryHome(onTestFinished), 'deep', '.infrafabric')
    const first = await openLocalPlatform({ home })
    expect(statSync(home).mode & 0o777).toBe(0o700)
    await first.journal.append('s', [{ seq: 0, hash, body: '{}' }])
    await first.objects.put('evidence/x', Buffer.from('kept'))
    await first.bus.send([{ queue: 's/agents', group: 'a', id: '1', body: '{}' }])
    await first.close()
    const second = await openLocalPlatform({ home })
    expect(await second.journal.length('s')).toBe(1)
    expect(Buffer.from(await second.objects.get('evidence/x')).toString()).toBe('kept')
    expect(await second.bus.receive('s/agents', { max: 1, waitMs: 0, visibilityMs: 1 })).toHaveLength(1)
    await second.close()
  })

  it('can be opened by two at once, who see the same', async () => {
    const home = temporaryHome(onTestFinished)
    const [a, b] = await Promise.all([openLocalPlatform({ home }), openLocalPlatform({ home })])
    await a.journal.append('s', [{ seq: 0, hash, body: '{}' }])
    expect(await b.journal.length('s')).toBe(1)
    await expect(b.journal.append('s', [{ seq: 0, hash, body: '[]' }])).rejects.toMatchObject({
      code: 'conflict',
    })
    await a.close()
    await b.close()
  })

  it('of a newer version is refused, and stays as it was', async () => {
    const home = temporaryHome(onTestFinished)
    await (await openLocalPlatform({ home })).close()
    writeFileSync(join(home, 'version'), '2\n')
    const before = snapshot(home)
    for (const readOnly of [false, true]) {
      const opening = openLocalPlatform({ home, readOnly })
      await expect(opening).rejects.toMatchObject({ code: 'invalid' })
      await expect(opening).rejects.toThrow('made by a newer InfraFabric (layout 2; this one knows 1)')
    }
    expect(snapshot(home)).toEqual(before)
  })

  it('without a readable version is refused', async () => {
    const home = temporaryHome(onTestFinished)
    writeFileSync(join(home, 'version'), '')
    await expect(openLocalPlatform({ home })).rejects.toMatchObject({ code: 'corrupt' })
  })

  it('that is a file is refused by name', async () => {
    const home = join(temporaryHome(onTestFinished), 'file')
    writeFileSync(home, '')
    await expect(openLocalPlatform({ home })).rejects.toMatchObject({ code: 'conflict' })
    await expect(openLocalPlatform({ home })).rejects.toThrow(home)
    await expect(openLocalPlatform({ home, readOnly: true })).rejects.toThrow(home)
  })

  it('with a damaged journal is refused for writing and for reading', async () => {
    const home = temporaryHome(onTestFinished)
    await (await openLocalPlatform({ home })).close()
    writeFileSync(join(home, 'journal.db'), Buffer.alloc(8_192, 7))
    for (const readOnly of [false, true]) {
      const opening = openLocalPlatform({ home, readOnly })
      await expect(opening).rejects.toMatchObject({ code: 'corrupt' })
      await expect(opening).rejects.toThrow(join(home, 'journal.db'))
    }
    expect(readFileSync(join(home, 'journal.db'))[0]).toBe(7)
  })
})

describe('a home opened for reading', () => {
  it('changes nothing, whatever is asked of it', async () => {
    const home = temporaryHome(onTestFinished)
    const writer = await openLocalPlatform({ home })
    await writer.journal.append('s', [{ seq: 0, hash, body: '{}' }])
    await writer.objects.put('evidence/x', Buffer.from('kept'))
    await writer.operatorKey()
    await writer.close()
    const before = snapshot(home)

    const reader = await openLocalPlatform({ home, readOnly: true })
    expect(await reader.journal.length('s')).toBe(1)
    expect(await reader.objects.has('evidence/x')).toBe(true)
    expect((await reader.operatorKey()).asymmetricKeyType).toBe('ed25519')
    const refused = [
      reader.journal.append('s', [{ seq: 1, hash, body: '{}' }]),
      reader.objects.put('evidence/y', Buffer.from('no')),
      reader.bus.send([]),
      reader.bus.receive('q', { max: 1, waitMs: 0, visibilityMs: 1 }),
      reader.bus.purge('q'),
      reader.lockSession('s'),
    ]
    for (const attempt of refused) await expect(attempt).rejects.toMatchObject({ code: 'denied' })
    await reader.close()
    expect(snapshot(home)).toEqual(before)
  })

  it('must exist', async () => {
    const home = join(temporaryHome(onTestFinished), 'nowhere')
    const opening = openLocalPlatform({ home, readOnly: true })
    await expect(opening).rejects.toMatchObject({ code: 'not-found' })
    await expect(opening).rejects.toThrow('no sessions are kept here')
  })

  it('has no operator key if none was made', async () => {
    const home = temporaryHome(onTestFinished)
    await (await openLocalPlatform({ home })).close()
    chmodSync(home, 0o700)
    const reader = await openLocalPlatform({ home, readOnly: true })
    await expect(reader.operatorKey()).rejects.toMatchObject({ code: 'not-found' })
    await reader.close()
  })
})
