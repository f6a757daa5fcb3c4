import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DriverError } from '@infrafabric/ports'
import { codeOf, translating } from './errors.ts'
import { createOnce, makeFolder } from './layout.ts'

/** Loads the ed25519 private key at `path` (PKCS#8, PEM), and makes it at the first call. Processes that race get the same key. */
export function loadOrCreateKey(path: string): Promise<KeyObject> {
  return translating('operatorKey', path, async () => {
    const existing = await readKeyIfPresent(path)
    if (existing !== undefined) return existing
    await makeFolder(dirname(path))
    const { privateKey } = generateKeyPairSync('ed25519')
    await createOnce(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    // Read back: another process may have been faster.
    return loadKey(path)
  })
}

/** Rejects with `not-found`, and with `denied` when others could read the key. */
export function loadKey(path: string): Promise<KeyObject> {
  return translating('operatorKey', path, async () => {
    await refuseIfShared(path)
    return parseKey(await readFile(path, 'utf8'), path)
  })
}

async function readKeyIfPresent(path: string): Promise<KeyObject | undefined> {
  try {
    await stat(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  return loadKey(path)
}

async function refuseIfShared(path: string): Promise<void> {
  // Windows has no such bits.
  if (process.platform === 'win32') return
  const mode = (await stat(path)).mode & 0o777
  if ((mode & 0o077) === 0) return
  throw new DriverError(
    'denied',
    'operatorKey',
    `${path}: permissions 0${mode.toString(8)} are too open. Others could read this private key and sign in your name, so it is not used. Run \`chmod 600 ${path}\`, and make a new key if somebody may have copied it.`,
  )
}

function parseKey(pem: string, path: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (cause) {
    throw new DriverError(
      'corrupt',
      'operatorKey',
      `${path}: is not a private key (PKCS#8, PEM). Restore it from a backup, or move it away and a new one is made.`,
      { cause },
    )
  }
  if (key.asymmetricKeyType === 'ed25519') return key
  throw new DriverError(
    'invalid',
    'operatorKey',
    `${path}: is a key of type ${key.asymmetricKeyType}; only ed25519 is used. Move it away and a new one is made.`,
  )
}
