import { open } from 'node:fs/promises'

/** Makes the names in a folder survive power loss. */
export async function syncDirectory(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
