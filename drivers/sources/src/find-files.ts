import { type Dirent, readdir } from 'node:fs'
import { lstat, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import type { SourceProblem } from './source.ts'

interface FoundFile {
  name: string
  path: string
}

interface FoundFiles {
  files: FoundFile[]
  problems: SourceProblem[]
}

/** What one pattern names, sorted by name. Symbolic links inside a folder are not followed out of it. */
export async function findFiles(pattern: string, base: string, signal?: AbortSignal): Promise<FoundFiles> {
  const path = resolve(base, pattern)
  // A name may hold brackets or braces and still be just a name.
  const literal = await stat(path).catch(() => undefined)
  if (literal && !literal.isDirectory()) return { files: [{ name: nameOf(path, base), path }], problems: [] }
  if (literal) return filesBelow(path, '**', pattern, base, signal)
  if (isDynamicPattern(pattern)) {
    const { root, rest } = splitPattern(pattern)
    return filesBelow(resolve(base, root), rest, pattern, base, signal)
  }
  const link = await lstat(path).catch(() => undefined)
  if (link?.isSymbolicLink())
    return problem(
      pattern,
      'unreadable',
      'is a link to something that is not there. Restore its target or name another file.',
    )
  return problem(
    pattern,
    'matches-nothing',
    `is not there. Paths are looked up from ${base === process.cwd() ? 'the current folder' : "the mission's folder"}; check the spelling.`,
  )
}

function problem(name: string, code: SourceProblem['code'], detail: string): FoundFiles {
  return { files: [], problems: [{ name, code, detail: `${name} ${detail}` }] }
}

/** The leading segments without special characters are a folder; the search starts there. */
function splitPattern(pattern: string): { root: string; rest: string } {
  const segments = pattern.split('/')
  const first = segments.findIndex((segment) => isDynamicPattern(segment) || /[{}]/.test(segment))
  const at = first === -1 ? segments.length - 1 : first
  const root = segments.slice(0, at).join('/')
  return { root: root === '' && isAbsolute(pattern) ? '/' : root, rest: segments.slice(at).join('/') }
}

async function filesBelow(
  root: string,
  rest: string,
  pattern: string,
  base: string,
  signal?: AbortSignal,
): Promise<FoundFiles> {
  const ignore = ['**/.git/**', '**/.infrafabric/**']
  if (!pattern.split(/[/\\]/).includes('node_modules')) ignore.push('**/node_modules/**')
  const listing = recordedListing()
  const matches = await glob(rest, {
    cwd: root,
    fs: { readdir: listing.readdir },
    ignore,
    dot: false,
    expandDirectories: false,
    followSymbolicLinks: false,
    ...(signal ? { signal } : {}),
  })
  const found: FoundFiles = { files: [], problems: [] }
  for (const match of matches) {
    const path = join(root, match)
    const file = { name: nameOf(path, base), path }
    const reason = listing.links.has(path) ? await linkProblem(path, root, base) : undefined
    if (reason) found.problems.push({ name: file.name, ...reason })
    else found.files.push(file)
  }
  for (const [folder, code] of listing.failures) {
    // A folder that is not there is a pattern that matches nothing; one that vanished meanwhile is nobody's loss.
    if (code === 'ENOENT' || code === 'ENOTDIR') continue
    found.problems.push({
      name: nameOf(folder, base),
      code: 'unreadable',
      detail: `${nameOf(folder, base)} cannot be listed (${code}). Change its permissions, or run as a user who may read it.`,
    })
  }
  if (found.files.length === 0 && found.problems.length === 0)
    return problem(pattern, 'matches-nothing', emptyFolder(rest))
  found.files.sort((a, b) => compare(a.name, b.name))
  found.problems.sort((a, b) => compare(a.name, b.name))
  return found
}

/**
 * A folder's entries as the search sees them. It would leave out links, pipes and folders that cannot be listed
 * without a word; here all but folders are files, and what they really are is told later.
 */
function recordedListing() {
  const links = new Set<string>()
  const failures = new Map<string, string>()
  const list = (
    folder: string,
    _options: unknown,
    done: (error: Error | null, entries: Dirent[]) => void,
  ): void => {
    readdir(folder, { withFileTypes: true }, (error, entries) => {
      if (error) failures.set(folder, error.code ?? error.message)
      for (const entry of entries ?? []) {
        if (entry.isDirectory()) continue
        if (entry.isSymbolicLink()) links.add(join(folder, entry.name))
        entry.isSymbolicLink = () => false
        entry.isFile = () => true
      }
      done(error, entries ?? [])
    })
  }
  // Of the overloads, the search calls only this one.
  return { links, failures, readdir: list as unknown as typeof readdir }
}

function emptyFolder(rest: string): string {
  return rest === '**'
    ? 'has no files in it. Hidden files and node_modules are left out unless they are named.'
    : 'matches no file. Check the spelling; hidden files and node_modules are left out unless they are named.'
}

/** A folder from somebody else may hold a link to a secret of this machine, which must not become evidence. */
async function linkProblem(
  path: string,
  root: string,
  base: string,
): Promise<Pick<SourceProblem, 'code' | 'detail'> | undefined> {
  const name = nameOf(path, base)
  const target = await realpath(path).catch(() => undefined)
  if (target === undefined)
    return {
      code: 'unreadable',
      detail: `${name} is a link to something that is not there, or to itself. Restore its target or remove it.`,
    }
  // Inside `base` is not enough: that is the working directory, which may be all that a user has.
  if (!isWithin(target, await realpath(root)))
    return {
      code: 'outside',
      detail: `${name} is a link that leads out of the folder and was not followed. Name its target as evidence of its own to have it read.`,
    }
  if ((await stat(path)).isDirectory())
    return {
      code: 'outside',
      detail: `${name} is a link to a folder and was not followed. Name that folder as evidence of its own to have it read.`,
    }
  return undefined
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === '' || (!way.startsWith(`..${sep}`) && way !== '..' && !isAbsolute(way))
}

function nameOf(path: string, base: string): string {
  return (relative(base, path) || '.').split(sep).join('/')
}

/** By code unit, so that the order is the same in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
