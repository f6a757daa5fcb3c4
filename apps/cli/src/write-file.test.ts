import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeFileDurably } from './write-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infrafabric-write-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('makes the folder, and replaces what is there', async () => {
  const path = join(folder, 'a/b/report.md')
  await writeFileDurably(path, 'one')
  await writeFileDurably(path, 'two')
  expect(await readFile(path, 'utf8')).toBe('two')
  expect(await readdir(join(folder, 'a/b'))).toEqual(['report.md'])
})

it('leaves the old file, and no half of a new one, when the content breaks off', async () => {
  const path = join(folder, 'session.tar.gz')
  await writeFileDurably(path, 'old')
  async function* broken() {
    yield new Uint8Array([1, 2, 3])
    throw new Error('the object was changed')
  }
  await expect(writeFileDurably(path, broken())).rejects.toThrow('the object was changed')
  expect(await readFile(path, 'utf8')).toBe('old')
  expect(await readdir(folder)).toEqual(['session.tar.gz'])
})

it('says what to do when a file cannot be written', async () => {
  await mkdir(join(folder, 'taken'))
  await expect(writeFileDurably(join(folder, 'taken'), '')).rejects.toThrow(
    'taken cannot be written: a folder of that name is there; name another file (EISDIR)',
  )
  await writeFile(join(folder, 'file'), '')
  await expect(writeFileDurably(join(folder, 'file/report.md'), '')).rejects.toMatchObject({
    name: 'UserError',
    exitCode: 1,
  })
})
