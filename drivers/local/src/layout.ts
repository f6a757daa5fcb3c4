import { existsSync } from 'node:fs'
import { link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DriverError } from '@infrafabric/ports'
import { codeOf } from './errors.ts'
import { syncDirectory } from './sync-directory.ts'

/** The layout this version reads and writes. Raise it when a file or a table changes its meaning. */
const layoutVersion = 1

/** Where everything is. */
export interface HomePaths {
  home: string
  version: string
  journal: string
  bus: string
  objects: string
  keys: string
  operatorKey: string
  sessions: string
}

export function pathsOf(home: string): HomePaths {
  const keys = join(home, 'keys')
  return {
    home,
    version: join(home, 'version'),
    journal: join(home, 'journal.db'),
    bus: join(home, 'bus.db'),
    objects: join(home, 'objects'),
    keys,
    operatorKey: join(keys, 'operator.key'),
    sessions: join(home, 'sessions'),
  }
}

/** Makes the home, for its owner's eyes only, or checks that this version may use the one that is there. */
export async function prepareHome(paths: HomePaths): Promise<void> {
  await makeFolder(paths.home)
  if (!existsSync(paths.version)) await createOnce(paths.version, `${layoutVersion}\n`)
  await checkVersion(paths)
  for (const folder of [paths.objects, paths.keys, paths.sessions]) await makeFolder(folder)
}

/** Rejects with `not-found` when there is no home, and with `invalid` when it is of a newer version. */
export async function checkVersion(paths: HomePaths): Promise<void> {
  let text: string
  try {
    text = await readFile(paths.version, 'utf8')
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    throw new DriverError(
      'not-found',
      'open',
      `${paths.home}: no sessions are kept here. Run \`infrafabric ask\` or \`infrafabric run\` first, or name the right place with \`--home\`.`,
      { cause: error },
    )
  }
  const version = /^([1-9]\d{0,8})\n$/.exec(text)?.[1]
  if (version === undefined) {
    throw new DriverError(
      'corrupt',
      'open',
      `${paths.version}: does not hold a version. Restore it; this version writes "${layoutVersion}".`,
    )
  }
  if (Number(version) > layoutVersion) {
    throw new DriverError(
      'invalid',
      'open',
      `${paths.home}: was made by a newer InfraFabric (layout ${version}; this one knows ${layoutVersion}). Nothing was changed. Update infrafabric, or use another \`--home\`.`,
    )
  }
}

/** Makes a folder and its parents; all of them survive power loss. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let folder = path; ; folder = dirname(folder)) {
    await syncDirectory(dirname(folder))
    if (folder === first || folder === dirname(folder)) return
  }
}

/** Writes a file that did not exist, whole and durable; true if this call made it. The first of several processes wins. */
export async function createOnce(path: string, content: string): Promise<boolean> {
  const draft = await writeDraft(path, content)
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    await unlink(draft)
    await syncDirectory(dirname(path))
  }
}

/** Readers see the old content or the new, never half of it. */
export async function replaceFile(path: string, content: string): Promise<void> {
  await rename(await writeDraft(path, content), path)
}

async function writeDraft(path: string, content: string): Promise<string> {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.${performance.now()}`)
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
    return draft
  } finally {
    await file.close()
  }
}
