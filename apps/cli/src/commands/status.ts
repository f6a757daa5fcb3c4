import { setTimeout as sleep } from 'node:timers/promises'
import { renderStatus } from '@infrafabric/report'
import type { Session } from '@infrafabric/session'
import type { Context } from '../context.ts'
import { EXIT, exitCodeOf } from '../exit.ts'
import type { Fabric } from '../fabric.ts'
import { readSession } from '../find-session.ts'
import { countTasks } from '../views/count-tasks.ts'

const WATCH_EVERY_MS = 1_000
/** Reading a long journal again may take this share of the time. */
const SHARE = 0.2

export function execute(context: Context): Promise<number> {
  return readSession(context, async (fabric, name) => {
    if (context.arguments.has('watch')) return watch(fabric, name, context)
    const session = await fabric.peek(name)
    context.io.out(renderStatus(session, Date.now()))
    context.io.json(statusLine(session))
    return EXIT.done
  })
}

/** Shows a session that another process runs, until it stops. */
async function watch(fabric: Fabric, name: string, { io }: Context): Promise<number> {
  const update = io.outIsTerminal ? (await import('log-update')).createLogUpdate(process.stdout) : null
  let shown = -1
  for (;;) {
    const began = performance.now()
    const length = await fabric.lengthOf(name)
    const session = length === shown ? null : await fabric.peek(name)
    if (session !== null) {
      shown = length
      io.json(statusLine(session))
      if (update === null) io.out(renderStatus(session, Date.now()))
      else update(renderStatus(session, Date.now()))
      if (session.phase.is === 'stopped') {
        update?.done()
        return exitCodeOf(session)
      }
    }
    await sleep(Math.max(WATCH_EVERY_MS, (performance.now() - began) / SHARE))
  }
}

function statusLine(session: Session): object {
  const { phase, budget } = session
  return {
    event: 'status',
    session: session.name,
    phase: phase.is,
    stopped: phase.is === 'stopped' ? phase.why.is : null,
    tasks: countTasks(session),
    running: [...session.running].map(({ task, agent, number, startedAt }) => ({
      agent: agent.name,
      task: task.id,
      attempt: number,
      startedAt,
    })),
    spentMicros: budget.spent,
    reservedMicros: budget.reserved,
    limitMicros: budget.limit,
    deadlineAt: session.deadlineAt,
    at: session.at,
  }
}
