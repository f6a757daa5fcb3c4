// Opens a journal and closes it again, which makes and removes its -wal and -shm files, until it is killed.
import { writeSync } from 'node:fs'
import { openJournal } from '../journal.ts'

const [path = ''] = process.argv.slice(2)
await (await openJournal(path, Date.now)).close()
writeSync(1, 'ready\n')
for (;;) await (await openJournal(path, Date.now)).close()
