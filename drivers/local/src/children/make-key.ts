// Prints the public half of the operator's key, which it makes if nobody else does.
import { createPublicKey } from 'node:crypto'
import { loadOrCreateKey } from '../keys.ts'

const [path = ''] = process.argv.slice(2)
const key = await loadOrCreateKey(path)
process.stdout.write(createPublicKey(key).export({ type: 'spki', format: 'pem' }))
