import { commandLine } from '../command-line.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit.ts'
import { openFabric } from '../fabric.ts'
import { findSession } from '../find-session.ts'

export async function execute(context: Context): Promise<number> {
  const { io, environment, home } = context
  const fabric = await openFabric({ environment, ...(home === undefined ? {} : { home }) })
  try {
    const name = await findSession(fabric, context.arguments.words[0]?.text ?? '')
    const { phase } = await fabric.peek(name)
    if (phase.is === 'stopped' && (phase.why.is === 'completed' || phase.why.is === 'cancelled')) {
      io.out(`${name} is ${phase.why.is === 'completed' ? 'done' : 'cancelled'} already.\n`)
      io.json({ event: 'cancelled', session: name, already: phase.why.is })
      return EXIT.done
    }
    const owner = await fabric.cancel(name)
    io.out(
      owner === null
        ? `${name} is cancelled. What it found is kept: ${commandLine(context, 'report', name)}\n`
        : `${name} is told to stop for good; ${owner} does so within seconds.\nWatch it: ${commandLine(context, 'status', name, '--watch')}\n`,
    )
    io.json({ event: 'cancelled', session: name, already: null, runBy: owner })
    return EXIT.done
  } finally {
    await fabric.close()
  }
}
