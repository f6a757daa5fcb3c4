import type { Entry, Session, Task } from '@infrafabric/session'
import type { Drill, Ending } from './drill.ts'
import { SESSION } from './drill.ts'

/** The session of a process that ran to its stop; throws what ended it otherwise. */
export function sessionOf(ending: Ending): Session {
  if (ending.is === 'failed') throw ending.error
  if (ending.is === 'died') throw new Error('the process died')
  return ending.session
}

export function answerOf({ id, status }: Task): string {
  return `${id}: ${status.is === 'finished' ? status.outcome.answer : status.is}`
}

export async function entriesOf(drill: Drill): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const row of drill.disk.journal.read(SESSION)) entries.push(JSON.parse(row.body) as Entry)
  return entries
}
