import { join } from 'node:path'
import { build } from 'esbuild'
import { privateEntries, root } from './workspace.mjs'

export const outputFolder = 'apps/cli/dist'

/**
 * Bundles the command and the library into plain JavaScript, in memory. The private @infrafabric/* packages
 * go in; everything from the registry stays an import, so that it must be a dependency of `infrafabric`.
 */
export function bundle() {
  return build({
    absWorkingDir: root,
    entryPoints: { main: 'apps/cli/src/main.ts', index: 'apps/cli/src/index.ts' },
    outdir: outputFolder,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    packages: 'external',
    plugins: [privatePackages()],
    write: false,
    metafile: true,
    logLevel: 'warning',
  })
}

/** @returns {import('esbuild').Plugin} */
function privatePackages() {
  const entries = privateEntries()
  return {
    name: 'private-packages',
    setup(context) {
      context.onResolve({ filter: /^@infrafabric\// }, ({ path }) => {
        const source = entries.get(path)
        if (source === undefined) return { errors: [{ text: `no workspace package exports ${path}` }] }
        return { path: join(root, source), sideEffects: false }
      })
    },
  }
}
