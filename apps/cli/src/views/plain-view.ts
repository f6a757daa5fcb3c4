import { formatUsd, type Notice, type Session } from '@infrafabric/session'
import type { Io } from '../io.ts'
import { counted, duration } from '../words-for.ts'
import { describeNotice } from './describe-notice.ts'
import type { RunView } from './run-view.ts'

/** From here on not every finished task is told. */
const TASKS_TOLD_MAX = 200
const SUMMARY_EVERY_MS = 5_000

/** A line for each event worth telling: for logs, pipes and CI. */
export function plainView(io: Io): RunView {
  let toldAt = Date.now()
  let settled = 0
  return {
    gathered({ done, total }) {
      const now = Date.now()
      if (now - toldAt < SUMMARY_EVERY_MS) return
      toldAt = now
      io.say(`read ${done} of ${counted(total, 'source')}\n`)
    },
    begin(session) {
      const open = session.tasksOpen
      const tasks = session.tasks.length
      settled = tasks - open
      const before = settled === 0 ? '' : `${settled} of ${counted(tasks, 'task')} done before; `
      io.say(`${before}${counted(open, 'task')} to do${limits(session)}\n`)
    },
    notice(notice, session) {
      // Notices of one turn come together, so the session is ahead of them: count here.
      if (settles(notice)) settled++
      const many = session.tasks.length > TASKS_TOLD_MAX && notice.kind === 'finished'
      if (many) {
        const now = Date.now()
        if (now - toldAt < SUMMARY_EVERY_MS) return
        toldAt = now
        io.say(
          `${settled} of ${counted(session.tasks.length, 'task')} done after ${duration(session.at - session.openedAt)}\n`,
        )
        return
      }
      const line = describeNotice(notice, session, io.paint)
      if (line !== null) io.say(`${settles(notice) ? position(settled, session.tasks.length) : ''}${line}\n`)
    },
    tell: (line) => io.say(`${line}\n`),
    end() {},
  }
}

/** `, for $1.00 at the most and within 10m 00s`. */
function limits({ budget, deadlineAt, terms, at }: Session): string {
  const costs = Object.values(terms).some(({ price }) => price !== null)
  const parts = [
    ...(costs && budget.limit !== null ? [`for ${formatUsd(budget.limit)} at the most`] : []),
    ...(deadlineAt === null ? [] : [`within ${duration(deadlineAt - at)}`]),
  ]
  return parts.length === 0 ? '' : `, ${parts.join(' and ')}`
}

function settles({ kind }: Notice): boolean {
  return kind === 'finished' || kind === 'failed' || kind === 'skipped'
}

/** `[ 3/12] ` before what settles a task. */
function position(settled: number, total: number): string {
  return `[${String(settled).padStart(String(total).length)}/${total}] `
}
