import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startChild } from './child.ts'
import { loadKey, loadOrCreateKey } from './keys.ts'
import { temporaryHome } from './temporary-home.ts'

it('makes a key for its owner only, and loads the same one afterwards', async () => {
  const path = join(temporaryHome(onTestFinished), 'keys', 'operator.key')
  const made = await loadOrCreateKey(path)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700)
  const loaded = await loadOrCreateKey(path)
  const text = Buffer.from('signed by one, verified by the other')
  expect(verify(null, text, made, sign(null, text, loaded))).toBe(true)
  expect(readdirSync(join(path, '..'))).toEqual(['operator.key'])
})

it('gives racing processes the same key', async () => {
  const path = join(temporaryHome(onTestFinished), 'keys', 'operator.key')
  const racers = [1, 2, 3, 4, 5, 6].map(() => startChild('make-key', path))
  const keys = await Promise.all(racers.map((racer) => racer.finished))
  expect(keys[0]).toContain('BEGIN PUBLIC KEY')
  expect(new Set(keys).size).toBe(1)
})

it('refuses a key that others may read', async () => {
  const path = join(temporaryHome(onTestFinished), 'operator.key')
  await loadOrCreateKey(path)
  for (const mode of [0o640, 0o604, 0o620, 0o666]) {
    chmodSync(path, mode)
    await expect(loadOrCreateKey(path)).rejects.toMatchObject({ code: 'denied' })
    await expect(loadKey(path)).rejects.toThrow(`permissions 0${mode.toString(8)} are too open`)
    await expect(loadKey(path)).rejects.toThrow(`chmod 600 ${path}`)
  }
})

it('refuses a damaged key instead of making another', async () => {
  const path = join(temporaryHome(onTestFinished), 'operator.key')
  writeFileSync(path, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', { mode: 0o600 })
  await expect(loadOrCreateKey(path)).rejects.toMatchObject({ code: 'corrupt' })
  writeFileSync(path, '')
  await expect(loadOrCreateKey(path)).rejects.toMatchObject({ code: 'corrupt' })
})

it('refuses a key of another kind', async () => {
  const path = join(temporaryHome(onTestFinished), 'operator.key')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  await expect(loadOrCreateKey(path)).rejects.toMatchObject({ code: 'invalid' })
})
