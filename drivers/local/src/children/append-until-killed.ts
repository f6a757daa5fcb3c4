// Appends groups of three to a session and names each acknowledged length on stdout, until it is killed.
import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openJournal } from '../journal.ts'

const [path = '', session = ''] = process.argv.slice(2)
const journal = await openJournal(path, Date.now)
for (let length = await journal.length(session); ; length += 3) {
  const entries = [0, 1, 2].map((offset) => {
    const body = JSON.stringify({ seq: length + offset, pid: process.pid, filling: 'x'.repeat(1_500) })
    return { seq: length + offset, hash: createHash('sha256').update(body).digest('hex'), body }
  })
  await journal.append(session, entries)
  writeSync(1, `${length + 3}\n`)
}
