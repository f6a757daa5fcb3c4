import { type Attempt, formatUsd, type Session } from '@infrafabric/session'
import type { Paint } from '../io.ts'
import { oneLine } from '../plain-text.ts'
import { counted, duration, grouped } from '../words-for.ts'
import { countTasks, type TaskCounts } from './count-tasks.ts'
import { taskName } from './describe-notice.ts'

export interface FrameOptions {
  /** Epoch ms. */
  now: number
  columns: number
  rows: number
  /** The last events, oldest first; as many as there is room for are shown. */
  events: readonly string[]
  paint: Paint
}

/** Lines besides agents and events: header, bar, two empty ones, money and the line on which the cursor rests. */
const FIXED_ROWS = 7
/** Left for lines that stay above the picture, such as an answer to Ctrl-C. */
const ROWS_ABOVE = 3
const EVENTS_SHOWN_MAX = 4
const AGENTS_SHOWN_MIN = 3
const BAR_CHARACTERS_MAX = 40

/** One picture of a session, never taller or wider than the terminal. */
export function drawFrame(session: Session, options: FrameOptions): string {
  const { columns, rows, paint } = options
  const width = Math.max(20, columns - 1)
  const events = options.events.slice(-EVENTS_SHOWN_MAX)
  const agentRows = Math.max(AGENTS_SHOWN_MIN, rows - FIXED_ROWS - ROWS_ABOVE - events.length)
  const counts = countTasks(session)
  const agents = agentLines(session, agentRows, width, options)
  return [
    header(session, width, options),
    progress(counts, width, paint),
    ...agents,
    money(session, options),
    ...(events.length === 0 ? [] : ['', ...events]),
  ].join('\n')
}

function header(session: Session, width: number, { now, paint }: FrameOptions): string {
  const models = new Set(session.tasks.map(({ role }) => session.terms[role].model))
  const passed = duration(now - session.openedAt)
  const room = Math.max(10, width - session.name.length - passed.length - 4)
  return `${paint('bold', session.name)}  ${paint('cyan', oneLine([...models].join(', '), room))}  ${paint('dim', passed)}`
}

function progress(counts: TaskCounts, width: number, paint: Paint): string {
  const { total, finished, failed, running, waiting } = counts
  const parts = [
    `${grouped(finished)} of ${counted(total, 'task')} done`,
    ...(running > 0 ? [`${grouped(running)} running`] : []),
    ...(waiting > 0 ? [`${grouped(waiting)} waiting`] : []),
    ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
  ]
  const text = parts.join(' · ')
  const cells = Math.min(BAR_CHARACTERS_MAX, width - text.length - 2)
  if (cells < 8) return text
  const share = (count: number): number => (total === 0 ? 0 : Math.floor((cells * count) / total))
  const good = share(finished)
  const bad = share(failed)
  const rest = cells - good - bad
  return `${paint('green', '━'.repeat(good))}${paint('red', '━'.repeat(bad))}${paint('dim', '─'.repeat(rest))}  ${text}`
}

function agentLines(session: Session, most: number, width: number, options: FrameOptions): string[] {
  const { running } = session
  if (running.size === 0) return []
  const shown: Attempt[] = []
  const room = running.size > most ? most - 1 : most
  // The attempts that run longest come first: a set keeps the order in which they were assigned.
  for (const attempt of running) {
    if (shown.length === room) break
    shown.push(attempt)
  }
  const nameWidth = Math.max(...shown.map(({ agent }) => agent.name.length))
  const lines = shown.map((attempt) => agentLine(attempt, nameWidth, width, options))
  const more = running.size - shown.length
  return ['', ...lines, ...(more > 0 ? [`  + ${grouped(more)} more`] : []), '']
}

function agentLine(attempt: Attempt, nameWidth: number, width: number, { now, paint }: FrameOptions): string {
  const since = duration(now - attempt.startedAt).padStart(7)
  const id = taskName(attempt.task.id)
  const doing = attempt.number > 1 ? `${id} (try ${attempt.number})` : id
  const room = width - nameWidth - since.length - 6
  const question = oneLine(`${doing}: ${attempt.task.question}`, Math.max(8, room))
  const [name = '', ...rest] = question.split(': ')
  const what = rest.length === 0 ? name : `${name}${paint('dim', `: ${rest.join(': ')}`)}`
  return `  ${paint('cyan', attempt.agent.name.padEnd(nameWidth))} ${paint('dim', since)}  ${what}`
}

function money(session: Session, { now, paint }: FrameOptions): string {
  const { limit, spent, reserved } = session.budget
  const parts: string[] = []
  if (limit !== null && Object.values(session.terms).some(({ price }) => price !== null)) {
    parts.push(`spent ${formatUsd(spent)} of ${formatUsd(limit)}`)
    if (reserved > 0) parts.push(`${formatUsd(reserved)} reserved`)
    parts.push(`${formatUsd(Math.max(0, limit - spent - reserved))} left`)
  } else parts.push('costs nothing')
  if (session.deadlineAt !== null) parts.push(`${duration(session.deadlineAt - now)} of time left`)
  return paint('dim', parts.join(' · '))
}
