import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

/** One change of one source file: a guard taken out, as somebody might by mistake. */
export interface Patch {
  /** Relative to the root. */
  file: string
  /** Stands in the file exactly once. */
  find: string
  replace: string
}

const COPIED = ['packages', 'drivers', 'apps', 'tests', 'scripts', 'examples', 'docs']
const FILES = ['package.json', 'tsconfig.json', 'vitest.config.ts', 'README.md']

/** A copy of the sources that may be broken: nobody else sees it. Installed packages are shared with the original. */
export class Tree {
  readonly root: string
  readonly #originals = new Map<string, string>()

  private constructor(root: string) {
    this.root = root
  }

  static copy(): Tree {
    const root = mkdtempSync(join(tmpdir(), 'infrafabric-tree-'))
    for (const folder of COPIED) {
      if (!existsSync(join(ROOT, folder))) continue
      const isWanted = (path: string): boolean => !/[/\\](?:dist|node_modules)$/.test(path)
      cpSync(join(ROOT, folder), join(root, folder), { recursive: true, filter: isWanted })
    }
    for (const file of FILES) cpSync(join(ROOT, file), join(root, file))
    linkPackages(root)
    return new Tree(root)
  }

  get command(): string {
    return join(this.root, 'apps/cli/bin/infrafabric.js')
  }

  get library(): string {
    return join(this.root, 'apps/cli/dist/index.js')
  }

  /** Throws when a change does not apply: a guard that moved must be found again, not skipped. */
  plant(patches: readonly Patch[]): void {
    for (const { file, find, replace } of patches) {
      const path = join(this.root, file)
      const text = readFileSync(path, 'utf8')
      const found = text.split(find).length - 1
      if (found !== 1)
        throw new Error(`${file}: ${JSON.stringify(find)} stands there ${found} times, not once`)
      if (!this.#originals.has(path)) this.#originals.set(path, text)
      writeFileSync(
        path,
        text.replace(find, () => replace),
      )
    }
  }

  /** Takes every change back. */
  restore(): void {
    for (const [path, text] of this.#originals) writeFileSync(path, text)
    this.#originals.clear()
  }

  /** Bundles the command as it is now. */
  build(): void {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], {
      cwd: this.root,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`the copy does not build: ${stderr}`)
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** Packages from the registry are the original's; our own are the copy's. */
function linkPackages(root: string): void {
  const modules = join(ROOT, 'node_modules')
  const ours = new Set(['@infrafabric', 'infrafabric'])
  cpSync(join(modules, '@infrafabric'), join(root, 'node_modules/@infrafabric'), {
    recursive: true,
    verbatimSymlinks: true,
  })
  symlinkSync('../apps/cli', join(root, 'node_modules/infrafabric'))
  for (const name of readdirSync(modules)) {
    // Tools keep caches in folders of their own.
    if (ours.has(name) || (name.startsWith('.') && name !== '.bin')) continue
    symlinkSync(join(modules, name), join(root, 'node_modules', name))
  }
}
