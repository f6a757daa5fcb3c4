import type { Mission, Session } from '@infrafabric/session'
import { commandLine } from './command-line.ts'
import { concludeSession } from './conclude-session.ts'
import type { Context } from './context.ts'
import { type Fabric, openFabric, type RunOptions } from './fabric.ts'
import { type Interrupts, listenForInterrupts } from './interrupts.ts'
import { plainText } from './plain-text.ts'
import { openView } from './views/open-view.ts'
import type { RunView } from './views/run-view.ts'
import { counted } from './words-for.ts'

export interface NewRun {
  mission: Mission
  /** Folder that evidence patterns start from. */
  base: string
}

/** Starts a session, runs it, writes its report and tells how it went. */
export function startAndRun(run: NewRun, context: Context): Promise<number> {
  return withFabric(context, async ({ fabric, view, interrupts }) => {
    const started = await fabric.start(run.mission, {
      base: run.base,
      signal: interrupts.signal,
      onGather: (progress) => view.gathered(progress),
    })
    interrupts.session = started.session
    const { io } = context
    io.json({
      event: 'started',
      session: started.session,
      home: fabric.home,
      models: started.models,
      sources: started.sources,
      sourceFaults: started.faults,
    })
    view.tell(`${io.paint('bold', started.session)}: ${counted(started.sources, 'source')}`)
    for (const why of started.models) view.tell(`model: ${plainText(why)}`)
    for (const fault of started.faults)
      view.tell(`${io.paint('yellow', '!')} left out: ${plainText(fault.detail)}`)
    return runToReport(started.session, {}, { fabric, view, interrupts }, context)
  })
}

/** Goes on with a session and writes its report again. */
export function resumeAndRun(
  find: (fabric: Fabric) => Promise<string>,
  options: Pick<RunOptions, 'raise'>,
  context: Context,
): Promise<number> {
  return withFabric(context, async (tools) => {
    const session = await find(tools.fabric)
    tools.interrupts.session = session
    context.io.json({ event: 'resumed', session, home: tools.fabric.home })
    tools.view.tell(`${context.io.paint('bold', session)}: going on`)
    return runToReport(session, options, tools, context)
  })
}

interface Tools {
  fabric: Fabric
  view: RunView
  interrupts: Interrupts & { session: string | null }
}

async function withFabric(context: Context, work: (tools: Tools) => Promise<number>): Promise<number> {
  const fabric = await openFabric({
    environment: context.environment,
    ...(context.home === undefined ? {} : { home: context.home }),
  })
  const view = await openView(context.io)
  let current: Session | null = null
  const interrupts = listenForInterrupts(
    () => {
      const under = current?.running.size ?? 0
      const what = under === 0 ? 'stopping' : `finishing ${counted(under, 'attempt')} under way`
      view.tell(`${what}; press Ctrl-C again to stop now`)
    },
    () => {
      view.end()
      if (tools.interrupts.session !== null) tellResume(tools.interrupts.session, context)
    },
  )
  const tools: Tools = {
    fabric,
    view: {
      ...view,
      begin(session) {
        current = session
        view.begin(session)
      },
    },
    interrupts: { ...interrupts, session: null },
  }
  try {
    return await work(tools)
  } catch (error) {
    view.end()
    const { explainError } = await import('./explain-error.ts')
    const code = explainError(error, context.io)
    if (tools.interrupts.session !== null) tellResume(tools.interrupts.session, context)
    return code
  } finally {
    view.end()
    interrupts.release()
    await fabric.close()
  }
}

function tellResume(session: string, context: Context): void {
  context.io.say(`Go on with: ${commandLine(context, 'resume', session)}\n`)
}

async function runToReport(
  name: string,
  options: Pick<RunOptions, 'raise'>,
  { fabric, view, interrupts }: Tools,
  context: Context,
): Promise<number> {
  const began = Date.now()
  const session = await fabric.run(name, {
    ...options,
    interrupt: interrupts.signal,
    onBegin: (loaded) => view.begin(loaded),
    onNotice(notice, current) {
      context.io.json({ event: 'notice', at: current.at, ...notice })
      view.notice(notice, current)
    },
  })
  view.end()
  return concludeSession({ fabric, session, tookMs: Date.now() - began }, context)
}
