import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds every package. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')

/**
 * @typedef {{
 *   name: string
 *   private?: boolean
 *   exports?: Record<string, string | Record<string, string>>
 *   dependencies?: Record<string, string>
 *   optionalDependencies?: Record<string, string>
 *   peerDependencies?: Record<string, string>
 * }} Manifest
 */

/**
 * Every workspace package: its folder relative to the root, with forward slashes, and its package.json.
 * @returns {{ folder: string, manifest: Manifest }[]}
 */
export function workspacePackages() {
  /** @type {{ workspaces: string[] }} */
  const { workspaces } = readManifest('.')
  return workspaces
    .map((pattern) => pattern.replace(/\/\*$/, ''))
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .sort()
    .map((folder) => ({ folder, manifest: readManifest(folder) }))
}

/**
 * Import specifier → source file relative to the root, for every entry that a private package exports.
 * @returns {Map<string, string>}
 */
export function privateEntries() {
  const entries = new Map()
  for (const { folder, manifest } of workspacePackages()) {
    if (!manifest.private) continue
    for (const [subpath, file] of Object.entries(manifest.exports ?? {})) {
      if (typeof file !== 'string')
        throw new Error(`${folder}/package.json: "exports" must name source files`)
      entries.set(manifest.name + subpath.slice(1), `${folder}/${file.slice(2)}`)
    }
  }
  return entries
}

/** @param {string} folder relative to the root */
function readManifest(folder) {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
}
