// npm run hostile -- --messages N [--seed S]
import { readOptions } from '../torture/options.ts'
import { attackSession, newHostileTally } from './attack-session.ts'

const MESSAGES_PER_SESSION = 600

const { messages, seed } = readOptions({ messages: 50_000, seed: 1 })
const started = performance.now()
const tally = newHostileTally()
const escapes: string[] = []
for (let i = 0; tally.messages < messages && escapes.length < 20; i++) {
  const found = await attackSession(seed + i, Math.min(messages, MESSAGES_PER_SESSION), tally)
  escapes.push(...found.map((what) => `seed ${seed + i}: ${what}`))
}
for (const what of escapes) process.stdout.write(`ESCAPE ${what}\n`)
const seconds = Math.round((performance.now() - started) / 1000)
const told = {
  seed,
  sessions: tally.sessions,
  messages: tally.messages,
  kinds: tally.kinds.size,
  letIn: tally.letIn,
  refused: Object.fromEntries(tally.refused),
}
process.stdout.write(`${JSON.stringify({ ...told, escapes: escapes.length, seconds })}\n`)
process.exitCode = escapes.length === 0 ? 0 : 1
