import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

export interface SmallDisk {
  path: string
  resize(megabytes: number): void
  makeReadOnly(): void
}

/** A disk of this size at `path`, or undefined where mounting is not permitted. @param cleanUp runs its argument when the test is over. */
export function mountSmallDisk(
  path: string,
  megabytes: number,
  cleanUp: (unmount: () => void) => void,
): SmallDisk | undefined {
  mkdirSync(path)
  if (!mount('-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path)) return undefined
  cleanUp(() => spawnSync('umount', ['--lazy', path]))
  const remount = (options: string) => {
    if (!mount('-o', `remount,${options}`, path))
      throw new Error(`${path}: cannot be remounted with ${options}`)
  }
  return { path, resize: (size) => remount(`size=${size}m`), makeReadOnly: () => remount('ro') }
}

function mount(...args: string[]): boolean {
  return spawnSync('mount', args).status === 0
}
