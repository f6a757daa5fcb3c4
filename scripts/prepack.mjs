// Runs before `npm pack` and `npm publish` of apps/cli: a fresh build, and the two files that live at the root.
import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

for (const script of ['build.mjs', 'build-types.mjs']) {
  // stdout belongs to `npm pack --json`.
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', script)], { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(1)
}
for (const file of ['README.md', 'LICENSE']) copyFileSync(join(root, file), join(root, 'apps/cli', file))
