// Loads better-sqlite3 before the driver does, then reads a journal without writing.
import { DriverError } from '@infrafabric/ports'
import Database from 'better-sqlite3'
import { openJournalReadOnly } from '../journal.ts'

const [path = ''] = process.argv.slice(2)
new Database(':memory:').close()
const outcome = await openJournalReadOnly(path)
  .length('s')
  .catch((error: unknown) => (error instanceof DriverError ? `${error.code}: ${error.message}` : `${error}`))
process.stdout.write(`${outcome}`)
