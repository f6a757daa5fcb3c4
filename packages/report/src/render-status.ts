import { formatDuration, formatUsd, nextWakeAt, type Session } from '@infrafabric/session'
import { count } from './ending.ts'
import { formatInstant } from './instant.ts'
import { cutLine } from './visible.ts'

/** Agents that are named; a screen has no room for a thousand. */
const AGENTS_SHOWN = 12
const STATES = ['finished', 'assigned', 'ready', 'resting', 'waiting', 'failed', 'skipped'] as const

/** One screen: phase, tasks by state, who is at work and since when, money, and when something happens next. */
export function renderStatus(session: Session, now: number): string {
  const lines = [
    `${session.name}: ${phaseOf(session)}`,
    `  ${cutLine(session.mission.objective, 100)}`,
    `  opened   ${formatInstant(session.openedAt)}, last event ${ago(session.at, now)} ago`,
    `  tasks    ${tasksOf(session)}`,
    `  money    ${moneyOf(session)}`,
  ]
  if (session.deadlineAt !== null && session.phase.is !== 'stopped')
    lines.push(
      session.deadlineAt > now
        ? `  deadline in ${ago(now, session.deadlineAt)}`
        : `  deadline passed ${ago(session.deadlineAt, now)} ago`,
    )
  const wake = nextWakeAt(session)
  if (wake !== null) lines.push(wake > now ? `  wakes    in ${ago(now, wake)}` : '  wakes    now')
  if (session.running.size > 0) lines.push(`  at work  ${count(session.running.size, 'attempt')}`)
  let shown = 0
  for (const attempt of session.running) {
    if (shown++ === AGENTS_SHOWN) {
      lines.push(`    and ${session.running.size - AGENTS_SHOWN} more`)
      break
    }
    const again = attempt.number > 1 ? `, attempt ${attempt.number}` : ''
    lines.push(
      `    ${attempt.agent.name}  ${attempt.task.id}  for ${ago(attempt.startedAt, now)}${again}: ${cutLine(attempt.task.question, 60)}`,
    )
  }
  return `${lines.join('\n')}\n`
}

function phaseOf({ phase }: Session): string {
  if (phase.is === 'running') return 'running'
  const why = phase.is === 'stopped' ? phase.why : phase.then
  const because = why.is === 'halted' ? `halted (${why.code})` : why.is.replaceAll('-', ' ')
  return phase.is === 'stopped' ? because : `stopping: ${because}`
}

function tasksOf(session: Session): string {
  const counts = new Map<string, number>()
  for (const task of session.tasks) counts.set(task.status.is, (counts.get(task.status.is) ?? 0) + 1)
  const parts = STATES.flatMap((state) => {
    const number = counts.get(state)
    return number === undefined ? [] : [`${number} ${state === 'assigned' ? 'under way' : state}`]
  })
  return `${session.tasks.length}: ${parts.join(', ')}`
}

function moneyOf({ budget }: Session): string {
  const limit = budget.limit === null ? ', no budget was set' : ` of ${formatUsd(budget.limit)}`
  const held = budget.reserved > 0 ? `, ${formatUsd(budget.reserved)} held` : ''
  const lost = budget.unreconciled > 0 ? `, ${formatUsd(budget.unreconciled)} not reconciled` : ''
  return `${formatUsd(budget.spent)} spent${limit}${held}${lost}`
}

/** Whole seconds from one instant to another, never negative: clocks differ. */
function ago(from: number, to: number): string {
  return formatDuration(Math.max(0, Math.floor((to - from) / 1_000) * 1_000))
}
