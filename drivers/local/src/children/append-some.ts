// Appends ten groups of two, and says on stdout what became of each.
import { writeSync } from 'node:fs'
import { DriverError } from '@infrafabric/ports'
import { openJournal } from '../journal.ts'

const [path = ''] = process.argv.slice(2)
const journal = await openJournal(path, Date.now)
const hash = '0'.repeat(64)
writeSync(1, 'opened\n')
for (let seq = 0; seq < 20; seq += 2) {
  const outcome = await journal
    .append('s', [
      { seq, hash, body: 'x'.repeat(1_500) },
      { seq: seq + 1, hash, body: 'x'.repeat(1_500) },
    ])
    .then(
      () => `appended ${seq}`,
      (error: unknown) => (error instanceof DriverError ? error.code : `${error}`),
    )
  writeSync(1, `${outcome}\n`)
}
