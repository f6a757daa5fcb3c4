import { setTimeout as sleep } from 'node:timers/promises'
import { renderStatus } from '@infrafabric/report'
import { isOver, type Session } from '@infrafabric/session'
import { commandLine } from '../command-line.ts'
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
    const status = await look(fabric, name, context)
    context.io.out(status.text)
    context.io.json(status.facts)
    return EXIT.done
  })
}

interface Status {
  session: Session
  text: string
  facts: object
  /** It goes on at present, in this process or another. */
  isAlive: boolean
}

async function look(fabric: Fabric, name: string, context: Context): Promise<Status> {
  const session = await fabric.peek(name)
  const owner = await fabric.ownerOf(name)
  const whose =
    owner !== null
      ? `  run by   ${owner}\n`
      : isOver(session)
        ? ''
        : `  run by   nobody; go on with: ${commandLine(context, 'resume', name)}\n`
  return {
    session,
    text: `${renderStatus(session, Date.now())}${whose}`,
    facts: { ...statusLine(session), runBy: owner },
    isAlive: owner !== null,
  }
}

/** Shows a session that another process runs, until it stops or that process is gone. */
async function watch(fabric: Fabric, name: string, context: Context): Promise<number> {
  const { io } = context
  const update = io.outIsTerminal ? (await import('log-update')).createLogUpdate(process.stdout) : null
  let shown = -1
  let last: Status | null = null
  for (;;) {
    const began = performance.now()
    const length = await fabric.lengthOf(name)
    // Read again also when only its process has gone.
    if (length !== shown || last === null || (await fabric.ownerOf(name)) === null) {
      shown = length
      last = await look(fabric, name, context)
      io.json(last.facts)
      if (update === null) io.out(last.text)
    }
    update?.(last.text)
    if (!last.isAlive || last.session.phase.is === 'stopped') {
      update?.done()
      return exitCodeOf(last.session)
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
