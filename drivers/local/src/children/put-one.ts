// Puts one object into a folder that is not there yet.
import { writeSync } from 'node:fs'
import { openObjectStore } from '../object-store.ts'

const [root = ''] = process.argv.slice(2)
const objects = await openObjectStore(root, { now: Date.now })
writeSync(1, 'opened\n')
await objects.put('evidence/ab/key', Buffer.from('kept'))
writeSync(1, 'stored\n')
