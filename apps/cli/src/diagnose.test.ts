import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAnthropicServer } from '@infrafabric/driver-models/testing'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { checkClock, checkDisk, checkHome, checkModels, checkNode } from './diagnose.ts'

const NOW = Date.UTC(2026, 10, 22)

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'infrafabric-doctor-'))
})
afterEach(() => rm(home, { recursive: true }))

it('knows which Node.js is too old', () => {
  expect(['24.1.0', '22.12.0', '23.0.0'].map((version) => checkNode(version).is)).toEqual([
    'good',
    'good',
    'good',
  ])
  expect(checkNode('22.11.9')).toMatchObject({
    is: 'bad',
    remedy: 'Install 22.12 or newer: https://nodejs.org',
  })
  expect(checkNode('20.20.2').is).toBe('bad')
})

it('finds a home that can be written, made or not, and leaves nothing behind', async () => {
  expect(await checkHome(home)).toMatchObject({ is: 'good', found: home })
  expect(await checkHome(join(home, 'new/deep'))).toMatchObject({
    is: 'good',
    found: expect.stringContaining('will be made'),
  })
  expect(await readdir(home)).toEqual([])
})

it('finds a home that is a file', async () => {
  await writeFile(join(home, 'file'), '')
  expect(await checkHome(join(home, 'file'))).toMatchObject({
    is: 'bad',
    found: expect.stringContaining('ENOTDIR'),
    remedy: expect.stringContaining('--home'),
  })
})

it('measures the disk, also of a home that is yet to be made', async () => {
  expect((await checkDisk(join(home, 'new'))).found).toMatch(/^\d+\.\d GiB free$/)
})

it('finds a clock that is years off, or was set back since sessions were written', async () => {
  expect((await checkClock(home, Date.UTC(2019, 0, 1))).is).toBe('bad')
  expect((await checkClock(home, NOW)).is).toBe('good')
  const journal = join(home, 'journal.db')
  await writeFile(journal, '')
  await utimes(journal, new Date(NOW), new Date(NOW))
  expect((await checkClock(home, NOW)).is).toBe('good')
  expect(await checkClock(home, NOW - 60_000)).toMatchObject({
    is: 'bad',
    found: expect.stringContaining('sessions were written at 2026-11-22T00:00:00.000Z'),
  })
})

it('tries the key of a provider without spending anything', async () => {
  const server = await startAnthropicServer({ respond: () => ({}), apiKey: 'right' })
  onTestFinished(() => server.close())
  const environment = { ANTHROPIC_BASE_URL: server.url, INFRAFABRIC_NO_PROBE: '1' }
  const [good] = await checkModels({ ...environment, ANTHROPIC_API_KEY: 'right' }, home)
  expect(good).toMatchObject({ subject: 'Anthropic', is: 'good' })
  const [bad] = await checkModels({ ...environment, ANTHROPIC_API_KEY: 'wrong' }, home)
  expect(bad).toMatchObject({ subject: 'Anthropic', is: 'bad', found: expect.stringContaining('refused') })
  expect((await checkModels(environment, home)).filter(({ is }) => is === 'bad')).toEqual([])
  expect(server.calls).toEqual([])
})
