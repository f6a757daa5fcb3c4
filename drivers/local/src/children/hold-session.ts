// Holds a session's lock until it is killed.
import { lockSession } from '../session-lock.ts'

const [sessions = '', session = ''] = process.argv.slice(2)
await lockSession(sessions, session, Date.now)
process.stdout.write('locked\n')
setInterval(() => {}, 60_000)
