import type { SessionHead } from '@infrafabric/ports'
import { DriverError } from '@infrafabric/ports'
import type { Context } from '../context.ts'
import { EXIT } from '../exit.ts'
import type { Fabric } from '../fabric.ts'
import { openForReading } from '../find-session.ts'
import { countTasks } from '../views/count-tasks.ts'
import { counted, stopText } from '../words-for.ts'

export async function execute(context: Context): Promise<number> {
  const { io } = context
  const fabric = await openIfThere(context)
  if (fabric === null) {
    io.out('There are no sessions yet. Begin with: infrafabric ask "…" --evidence ./documents\n')
    return EXIT.done
  }
  try {
    const heads = await fabric.list()
    if (heads.length === 0) io.out(`There are no sessions in ${fabric.home} yet.\n`)
    const width = Math.max(0, ...heads.map(({ session }) => session.length))
    for (const head of heads) {
      const line = await describe(fabric, head)
      io.out(`${head.session.padEnd(width)}  ${when(head.createdAt)}  ${line.text}\n`)
      io.json({ session: head.session, createdAt: head.createdAt, entries: head.length, ...line.facts })
    }
    return EXIT.done
  } finally {
    await fabric.close()
  }
}

async function openIfThere(context: Context): Promise<Fabric | null> {
  try {
    return await openForReading(context)
  } catch (error) {
    if (error instanceof DriverError && error.code === 'not-found') return null
    throw error
  }
}

/** A damaged session must not hide the others. */
async function describe(
  fabric: Fabric,
  { session: name }: SessionHead,
): Promise<{ text: string; facts: object }> {
  try {
    const session = await fabric.peek(name)
    const { phase } = session
    const { finished, total, failed } = countTasks(session)
    const state = phase.is === 'stopped' ? phase.why.is : 'open'
    const is = phase.is === 'stopped' ? stopText(phase.why) : 'running, or broken off'
    const bad = failed > 0 ? `, ${failed} failed` : ''
    return {
      text: `${finished} of ${counted(total, 'task')}${bad}; ${is}`,
      facts: { state, tasks: total, finished, failed, spentMicros: session.budget.spent },
    }
  } catch (error) {
    if (!(error instanceof DriverError)) throw error
    return { text: `cannot be read: ${error.message}`, facts: { state: error.code, problem: error.message } }
  }
}

/** `2026-11-22 19:41`, local time. */
function when(at: number): string {
  const date = new Date(at)
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
}
