import { existsSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundle } from '../../scripts/bundle.mjs'
import { root, workspacePackages } from '../../scripts/workspace.mjs'

const packages = workspacePackages()
const published = packages.find(({ manifest }) => manifest.name === 'infrafabric')?.manifest
if (published === undefined) throw new Error('no workspace package is named infrafabric')
const declared: Record<string, string> = { ...published.dependencies, ...published.optionalDependencies }

test('the bundle imports only what the published package declares', async () => {
  const known = { ...declared, ...published.peerDependencies }
  expect((await importedPackages()).filter((name) => !(name in known))).toEqual([])
})

test('the bundle imports everything that the published package declares', async ({ skip }) => {
  skip(!existsSync(join(root, 'apps/cli/src/compose.ts')), 'apps/cli has no compose.ts yet')
  const imported = await importedPackages()
  expect(Object.keys(declared).filter((name) => !imported.includes(name))).toEqual([])
})

test('what is bundled and what is published agree on the version of every dependency', () => {
  const differing = packages.flatMap(({ folder, manifest }) =>
    Object.entries({ ...manifest.dependencies, ...manifest.optionalDependencies })
      .filter(([name, version]) => name in declared && declared[name] !== version)
      .map(([name, version]) => `${folder}: ${name}@${version}, published: ${declared[name]}`),
  )
  expect(differing).toEqual([])
})

test('every version is exact', () => {
  const loose = packages.flatMap(({ folder, manifest }) =>
    Object.entries({ ...manifest.dependencies, ...manifest.optionalDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${folder}: ${name}@${version}`),
  )
  expect(loose).toEqual([])
})

/** Names of the registry's packages that the bundle imports, at once or lazily. */
async function importedPackages(): Promise<string[]> {
  const { metafile } = await bundle()
  const names = Object.values(metafile.outputs)
    .flatMap((output) => output.imports)
    .filter((one) => one.external && !isBuiltin(one.path))
    .map((one) => packageOf(one.path))
  return [...new Set(names)]
}

/** `@scope/name/sub/path` → `@scope/name` */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
