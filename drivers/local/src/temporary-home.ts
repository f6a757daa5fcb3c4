import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of its own for one test. @param cleanUp runs its argument when the test is over. */
export function temporaryHome(cleanUp: (remove: () => void) => void): string {
  const home = mkdtempSync(join(tmpdir(), 'infrafabric-'))
  cleanUp(() => rmSync(home, { recursive: true, force: true }))
  return home
}
