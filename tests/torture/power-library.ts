import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Compiles the library that is preloaded into the command; undefined with the reason where that is not possible. */
export function compilePowerLibrary(folder: string): { path: string } | { missing: string } {
  if (process.platform !== 'linux') return { missing: 'LD_PRELOAD is tried on Linux only' }
  const path = join(folder, 'power-loss.so')
  const source = join(import.meta.dirname, 'power-loss.c')
  const compiled = spawnSync(
    'gcc',
    ['-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-o', path, source, '-ldl', '-lpthread'],
    {
      encoding: 'utf8',
    },
  )
  if (compiled.error !== undefined) return { missing: 'there is no gcc here' }
  if (compiled.status !== 0) throw new Error(`power-loss.c does not compile: ${compiled.stderr}`)
  return { path }
}
