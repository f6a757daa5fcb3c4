// Declarations for those who import `infrafabric`. tsc keeps our package names in them; a consumer has no such
// packages, so each name becomes a relative path to the declaration beside it.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { outputFolder } from './bundle.mjs'
import { privateEntries, root } from './workspace.mjs'

const types = join(root, outputFolder, 'types')
rmSync(types, { recursive: true, force: true })
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const { status } = spawnSync(
  process.execPath,
  [tsc, '-p', join(root, 'tsconfig.types.json'), '--outDir', types],
  { stdio: 'inherit' },
)
if (status !== 0) process.exit(1)

const entries = privateEntries()
for (const path of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
  if (!path.endsWith('.d.ts')) continue
  const file = join(types, path)
  const from = dirname(path).replaceAll('\\', '/')
  const text = readFileSync(file, 'utf8').replace(
    /(?<=\bfrom |\bimport\(|\bimport )(['"])(@infrafabric\/[^'"]+|\.{1,2}\/[^'"]+)\1/g,
    (_whole, quote, specifier) => `${quote}${published(specifier, from)}${quote}`,
  )
  writeFileSync(file, text)
}

/**
 * @param {string} specifier as written in the source
 * @param {string} from the folder of the declaration that names it, relative to the declarations' root
 */
function published(specifier, from) {
  if (specifier.startsWith('.')) return specifier.replace(/\.ts$/, '.js')
  const source = entries.get(specifier)
  if (source === undefined) throw new Error(`no workspace package exports ${specifier}`)
  const path = posix.relative(from, source).replace(/\.ts$/, '.js')
  return path.startsWith('.') ? path : `./${path}`
}
