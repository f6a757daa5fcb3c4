// Appends to a session that others append to as well, until the session is long enough; prints the seqs it won.
import { createHash } from 'node:crypto'
import { DriverError } from '@infrafabric/ports'
import { openJournal } from '../journal.ts'

const [path = '', session = '', lengthWanted = ''] = process.argv.slice(2)
const journal = await openJournal(path, Date.now)
const won: number[] = []
for (;;) {
  const seq = await journal.length(session)
  if (seq >= Number(lengthWanted)) break
  const body = JSON.stringify({ seq, pid: process.pid })
  const hash = createHash('sha256').update(body).digest('hex')
  try {
    await journal.append(session, [{ seq, hash, body }])
    won.push(seq)
  } catch (error) {
    if (!(error instanceof DriverError) || error.code !== 'conflict') throw error
  }
  // Lets the others have their turn: SQLite's lock is not fair.
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 3))
}
await journal.close()
process.stdout.write(JSON.stringify({ pid: process.pid, won }))
