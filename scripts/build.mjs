// Writes apps/cli/dist. Files are replaced one by one and stale ones removed last, so that a command that
// starts meanwhile finds a whole build.
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { bundle, outputFolder } from './bundle.mjs'
import { root } from './workspace.mjs'

// esbuild has said what is wrong, and where.
const { outputFiles } = await bundle().catch(() => process.exit(1))
const written = new Set()
// Chunks first: an entry must never name a chunk that is not there yet.
for (const { path, contents } of outputFiles.toSorted((a, b) => b.path.length - a.path.length)) {
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, contents)
  renameSync(draft, path)
  written.add(relative(join(root, outputFolder), path))
}
for (const folder of ['.', 'chunks']) {
  for (const name of readdirSync(join(root, outputFolder, folder))) {
    const path = join(folder, name)
    if (name.endsWith('.js') && !written.has(path)) rmSync(join(root, outputFolder, path), { force: true })
  }
}
