import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type GatherOptions, gatherSources } from './gather-sources.ts'

let base: string

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'sources-'))
})

afterEach(() => {
  rmSync(base, { recursive: true, force: true })
})

function write(files: Record<string, string | Uint8Array>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(base, name)), { recursive: true })
    writeFileSync(join(base, name), content)
  }
}

const gather = (patterns: string[], options: Partial<GatherOptions> = {}) =>
  gatherSources(patterns, { base, ...options })

async function namesOf(patterns: string[]): Promise<string[]> {
  return (await gather(patterns)).sources.map(({ name }) => name)
}

async function problemsOf(patterns: string[], options?: Partial<GatherOptions>): Promise<string[]> {
  return (await gather(patterns, options)).problems.map(({ name, code }) => `${name} ${code}`)
}

describe('which files are read', () => {
  beforeEach(() => {
    write({
      'docs/b.md': 'b',
      'docs/a.txt': 'a',
      'docs/deep/Z.md': 'Z',
      'docs/deep/c.csv': 'c,d\n1,2',
      'docs/.hidden/secret.md': 'no',
      'docs/.env': 'no',
      'docs/.infrafabric/x.md': 'no',
      'docs/node_modules/p/README': 'readme',
      'docs/node_modules/p/node_modules/q/README': 'inner readme',
      LICENSE: 'licence',
      'report [1] (final).md': 'final',
    })
  })

  test('a folder with all below it, without what is hidden and installed, sorted by code unit', async () => {
    expect(await namesOf(['docs'])).toEqual(['docs/a.txt', 'docs/b.md', 'docs/deep/Z.md', 'docs/deep/c.csv'])
    expect(await namesOf(['./docs/'])).toEqual(await namesOf([join(base, 'docs')]))
  })

  test('globs, with braces; patterns in their order, each file once', async () => {
    expect(await namesOf(['docs/**/*.{csv,txt}', './docs/**/*', 'docs/a.txt'])).toEqual([
      'docs/a.txt',
      'docs/deep/c.csv',
      'docs/b.md',
      'docs/deep/Z.md',
    ])
    expect(await namesOf(['{LICENSE,docs/*.md}'])).toEqual(['LICENSE', 'docs/b.md'])
    expect(await namesOf(['../*/LICENSE'.replace('*', base.split('/').at(-1) ?? '')])).toEqual(['LICENSE'])
  })

  test('installed packages where the pattern leads into them, nested ones too', async () => {
    expect(await namesOf(['docs/node_modules/**/README*'])).toEqual([
      'docs/node_modules/p/README',
      'docs/node_modules/p/node_modules/q/README',
    ])
    expect(await namesOf(['docs/node_modules/p'])).toEqual([
      'docs/node_modules/p/README',
      'docs/node_modules/p/node_modules/q/README',
    ])
    expect(await problemsOf(['docs/**/README'])).toEqual(['docs/**/README matches-nothing'])
    expect(await problemsOf(['no-such-folder/**/*.md'])).toEqual(['no-such-folder/**/*.md matches-nothing'])
  })

  test('a hidden file when it is named, and a name that looks like a pattern', async () => {
    expect(await namesOf(['docs/.env', 'report [1] (final).md'])).toEqual([
      'docs/.env',
      'report [1] (final).md',
    ])
  })

  test('a pattern that matches nothing is a problem with its remedy', async () => {
    write({ 'empty/.keep': '' })
    const { sources, problems } = await gather(['nothing.md', 'docs/*.pdf', 'empty', 'docs/a.txt'])
    expect(sources).toHaveLength(1)
    expect(problems).toMatchObject([
      { name: 'nothing.md', code: 'matches-nothing', detail: expect.stringContaining('check the spelling') },
      { name: 'docs/*.pdf', code: 'matches-nothing' },
      { name: 'empty', code: 'matches-nothing', detail: expect.stringContaining('no files') },
    ])
  })

  test('a link out of the named folder is not followed to what lies beside it', async () => {
    writeFileSync(join(base, 'id_ed25519.txt'), 'secret')
    symlinkSync('../id_ed25519.txt', join(base, 'docs/innocent.txt'))
    const { sources, problems } = await gather(['docs', 'docs/*.txt'])
    expect(sources.map(({ name }) => name)).not.toContain('docs/innocent.txt')
    expect(problems.map(({ name, code }) => `${name} ${code}`)).toEqual(
      Array(2).fill('docs/innocent.txt outside'),
    )
    expect(await namesOf(['.'])).toContain('docs/innocent.txt')
  })

  test('links inside the folder are read, those that leave it or go in circles are named', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'outside-'))
    writeFileSync(join(outside, 'key.txt'), 'secret')
    symlinkSync(join(outside, 'key.txt'), join(base, 'docs/key.txt'))
    symlinkSync(outside, join(base, 'docs/elsewhere'))
    symlinkSync('..', join(base, 'docs/deep/circle'))
    symlinkSync('itself', join(base, 'docs/itself'))
    symlinkSync('gone', join(base, 'docs/dangling.md'))
    symlinkSync('a.txt', join(base, 'docs/again.txt'))
    const { sources, problems } = await gather(['docs'])
    rmSync(outside, { recursive: true })
    expect(sources.map(({ name, duplicateOf }) => [name, duplicateOf])).toEqual([
      ['docs/a.txt', undefined],
      ['docs/again.txt', 'docs/a.txt'],
      ['docs/b.md', undefined],
      ['docs/deep/Z.md', undefined],
      ['docs/deep/c.csv', undefined],
    ])
    expect(problems.map(({ name, code }) => `${name} ${code}`)).toEqual([
      'docs/dangling.md unreadable',
      'docs/deep/circle outside',
      'docs/elsewhere outside',
      'docs/itself unreadable',
      'docs/key.txt outside',
    ])
    expect(await problemsOf(['docs/dangling.md', 'docs/itself'])).toEqual([
      'docs/dangling.md unreadable',
      'docs/itself unreadable',
    ])
    expect(await namesOf(['docs/again.txt'])).toEqual(['docs/again.txt'])
  })
})

describe('bad sources', () => {
  test('each is named with its fault, and the good ones are read', async () => {
    write({
      'a.md': 'good',
      'binary.dat': Uint8Array.from({ length: 300 }, (_, i) => (i * 37) & 255),
      'empty.txt': '',
      'blank.txt': ' \n\n\t\n',
      'damaged.pdf': '%PDF-1.4 and nothing',
      'large.txt': 'x'.repeat(3000),
      'letter.docx': 'PK\x03\x04and so on',
      'notes.rtf': '{\\rtf1\\ansi words}',
      'picture.png': '\x89PNG\r\n\x1a\n\0\0\0',
      'z.md': 'good too',
    })
    const { sources, problems } = await gather(['.'], { sourceBytesMax: 2000 })
    expect(sources.map(({ name }) => name)).toEqual(['a.md', 'z.md'])
    expect(problems.map(({ name, code }) => `${name} ${code}`)).toEqual([
      'binary.dat binary',
      'blank.txt empty',
      'damaged.pdf corrupt',
      'empty.txt empty',
      'large.txt too-large',
      'letter.docx unsupported',
      'notes.rtf unsupported',
      'picture.png unsupported',
    ])
    for (const { name, detail } of problems)
      expect(detail).toMatch(new RegExp(`^${name.replace('.', '\\.')} .+\\. .+\\.$`))
  })

  test('a pipe, a device and a folder that ends in .pdf never make it wait', async () => {
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(base, 'pipe.txt')])
    write({ 'folder.pdf/a.md': 'in a folder' })
    const { sources, problems } = await gather(['pipe.txt', '/dev/zero', 'folder.pdf'])
    expect(problems.map(({ code }) => code)).toEqual(['unreadable', 'unreadable'])
    expect(sources.map(({ name }) => name)).toEqual(['folder.pdf/a.md'])
  })

  test('a file that may not be read is named with the remedy', async ({ skip }) => {
    if (process.getuid?.() === 0) return skip('root may read everything')
    write({ 'a.md': 'x' })
    execFileSync('chmod', ['000', join(base, 'a.md')])
    const { problems } = await gather(['a.md'])
    expect(problems).toMatchObject([{ code: 'unreadable', detail: expect.stringContaining('permissions') }])
  })

  test('limits on the number and the sum are told once, and keep to the order', async () => {
    write(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`f${i}.txt`, `${i}`.repeat(100)])))
    const few = await gather(['.'], { sourcesMax: 4 })
    expect(few.sources.map(({ name }) => name)).toEqual(['f0.txt', 'f1.txt', 'f2.txt', 'f3.txt'])
    expect(few.problems).toMatchObject([{ name: '6 more', code: 'too-many' }])
    const small = await gather(['.'], { totalBytesMax: 250 })
    expect(small.sources).toHaveLength(2)
    expect(small.problems.every(({ code }) => code === 'too-large')).toBe(true)
  })

  test('the same fault in very many files is counted', async () => {
    write(Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`f${i}.bin`, '\0\0'])))
    const { problems } = await gather(['.'])
    expect(problems).toHaveLength(51)
    expect(problems.at(-1)).toMatchObject({ name: '70 more', code: 'binary' })
  })
})

describe('what is kept of a source', () => {
  test('hash, media type and document; equal bytes are marked, not dropped', async () => {
    write({ 'a.txt': 'hello\n', 'copy.txt': 'hello\n', README: '# hi', 'x.ts': 'let a = 1' })
    const { sources } = await gather(['.'])
    expect(
      sources.map(({ name, mediaType, document, duplicateOf }) => [
        name,
        mediaType,
        document.reader,
        duplicateOf,
      ]),
    ).toEqual([
      ['README', 'text/plain', 'text/1', undefined],
      ['a.txt', 'text/plain', 'text/1', undefined],
      ['copy.txt', 'text/plain', 'text/1', 'a.txt'],
      ['x.ts', 'text/x-source', 'code/1', undefined],
    ])
    expect(sources[1]).toMatchObject({
      uri: 'a.txt',
      sha256: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
      document: { source: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03', name: 'a.txt' },
    })
    expect(sources[1]).not.toHaveProperty('accessedAt')
  })

  test('the same bytes give the same documents in any locale and order of other files', async () => {
    write({ 'a.md': '# T\n\n- İstanbul\n', 'b.csv': 'x;y\n1;2\n', 'c.html': '<p>q', 'd.yaml': 'a: [1, 2]' })
    const documents = async () =>
      JSON.stringify((await gather(['.'])).sources.map(({ document }) => document))
    const before = process.env.LC_ALL
    process.env.LC_ALL = 'tr_TR.UTF-8'
    const first = await documents()
    process.env.LC_ALL = before ?? ''
    if (before === undefined) delete process.env.LC_ALL
    expect(await documents()).toBe(first)
  })

  test('tells how far it is, and stops when told to', async () => {
    write({ 'a.md': 'a', 'b.md': 'b', 'c.bin': '\0' })
    const told: string[] = []
    await gather(['.'], { onProgress: ({ done, total, name }) => void told.push(`${done}/${total} ${name}`) })
    expect(told).toEqual(['1/3 a.md', '2/3 b.md', '3/3 c.bin'])
    await expect(gather(['.'], { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
    const stop = new AbortController()
    await expect(gather(['.'], { signal: stop.signal, onProgress: () => stop.abort() })).rejects.toThrow(
      /abort/i,
    )
  })
})

test('reads the licences and readmes of every installed package', async () => {
  const root = join(import.meta.dirname, '../../..')
  const { sources, problems } = await gatherSources(['node_modules/**/{LICENSE,README}*'], { base: root })
  expect(sources.length).toBeGreaterThan(50)
  for (const { document } of sources)
    for (const { text } of document.blocks) {
      expect(text.trim()).not.toBe('')
      expect(text.isWellFormed()).toBe(true)
    }
  expect(problems.filter(({ code }) => !['empty', 'outside', 'read-as-text'].includes(code))).toEqual([])
})
