import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildBill } from '@infrafabric/report'
import type { Terms } from '@infrafabric/session'
import type { Line } from './command.ts'

type Library = typeof import('infrafabric')

/** What a finished session shows whoever asks: the same after any number of crashes, but for times and attempts. */
export interface Facts {
  /** The report without the session's name, the bill, and the record of times and ids at its end. */
  report: string
  /** Faults that `verify` names. */
  faults: string[]
  stopped: string
  spentMicros: number
  reservedMicros: number
  unreconciledMicros: number
  calls: number
  /** Calls whose fate a crash left unknown. */
  callsUnknown: number
  /** What those are charged. */
  unknownMicros: number
  /** As the bill sums them up. */
  tokens: { input: number; output: number }
  budgetMicros: number | null
  /** When each accepted result, `task attempt agent cost`, was accepted, in the session's own time. */
  accepted: Map<string, number>
}

/** Reads a session with the library given, which is never the one under test. */
export async function factsOf(library: Library, home: string, session: string): Promise<Facts> {
  const fabric = await library.openFabric({ home, readOnly: true, environment: {} })
  try {
    const loaded = await fabric.peek(session)
    const bill = buildBill(loaded)
    const audit = await fabric.verify(session)
    return {
      report: reportOf(home, session),
      faults: audit.faults.map((fault) => JSON.stringify(fault)),
      stopped: loaded.phase.is === 'stopped' ? loaded.phase.why.is : loaded.phase.is,
      spentMicros: bill.spentMicros,
      reservedMicros: bill.reservedMicros,
      unreconciledMicros: bill.unreconciledMicros,
      calls: bill.models.reduce((sum, model) => sum + model.calls, 0),
      callsUnknown: bill.models.reduce((sum, model) => sum + model.callsUnknown, 0),
      unknownMicros: bill.agents.reduce(
        (sum, { agent, callsUnknown }) =>
          sum + callsUnknown * ceilingOf(loaded.terms[agent === 'synthesizer' ? 'synthesizer' : 'worker']),
        0,
      ),
      tokens: {
        input: bill.models.reduce((sum, { usage }) => sum + usage.inputTokens, 0),
        output: bill.models.reduce((sum, { usage }) => sum + usage.outputTokens, 0),
      },
      budgetMicros: loaded.budget.limit,
      accepted: new Map(
        loaded.tasks.flatMap(({ id, status }) => {
          if (status.is !== 'finished') return []
          const { number, agent, costMicros } = status.attempt
          return [[`${id} ${number} ${agent.name} ${costMicros}`, status.at]]
        }),
      ),
    }
  } finally {
    await fabric.close()
  }
}

/** The most a call can cost, worked out without the code that charges it. */
function ceilingOf({ price, inputTokensMax, outputTokensMax }: Terms): number {
  if (price === null) return 0
  const dearest = Math.max(price.input, price.cacheRead, price.cacheWrite)
  return Math.ceil((inputTokensMax * dearest + outputTokensMax * price.output) / 1_000_000)
}

/** The session's name in the home, or undefined when its journal was never opened. */
export async function sessionIn(library: Library, home: string, prefix: string): Promise<string | undefined> {
  if (!existsSync(join(home, 'journal.db'))) return undefined
  const fabric = await library.openFabric({ home, environment: {} })
  try {
    return (await fabric.list()).map(({ session }) => session).find((name) => name.startsWith(prefix))
  } finally {
    await fabric.close()
  }
}

function reportOf(home: string, session: string): string {
  const path = join(home, 'reports', session, 'report.md')
  if (!existsSync(path)) return ''
  return (
    readFileSync(path, 'utf8')
      .replaceAll(session, 'SESSION')
      // A call that a crash cut off costs more, so the bill is judged by itself.
      .replace(/\n## (?:Bill|Session record)\n[\s\S]*$/, '')
  )
}

/** A result that was told to be accepted: it must be, from then on and for ever. */
export interface Acknowledged {
  /** `task attempt agent cost` */
  result: string
  at: number
}

export function acknowledgedBy(lines: readonly Line[]): Acknowledged[] {
  return lines.flatMap(({ event, kind, at = 0, task, attempt, agent, costMicros }) =>
    event === 'notice' && kind === 'finished'
      ? [{ result: `${task} ${attempt} ${agent} ${costMicros}`, at }]
      : [],
  )
}

/** Marks of the answers that are kept: calls that must never be made again. */
export function keptMarks(home: string, session: string): string[] {
  const calls = join(home, 'objects/sessions', session, 'calls')
  if (!existsSync(calls)) return []
  const marks: string[] = []
  for (const name of readdirSync(calls, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.response')) continue
    const mark = /\(mark ([0-9a-f]{16})\)/.exec(readFileSync(join(calls, name), 'utf8'))?.[1]
    if (mark !== undefined) marks.push(mark)
  }
  return marks
}
