import { formatUsd, type Notice, PLAN_TASK, type Session } from '@infrafabric/session'
import type { Paint } from '../io.ts'
import { oneLine } from '../plain-text.ts'
import { counted, duration, failureText, stopText } from '../words-for.ts'

/** What a notice says to people, or null when it is not worth a line. */
export function describeNotice(notice: Notice, session: Session, paint: Paint): string | null {
  switch (notice.kind) {
    case 'planned':
      return `planned ${counted(notice.tasks, 'task')}`
    case 'assigned':
    case 'stopped':
      return null
    case 'finished': {
      // The notice of the plan says it.
      if (notice.task === PLAN_TASK && notice.costMicros === 0) return null
      const found =
        notice.claims === 0 ? withoutClaims(notice.task, session) : counted(notice.claims, 'claim')
      return `${paint('green', '✓')} ${taskName(notice.task)}: ${found}${cost(notice.costMicros)}`
    }
    case 'attempt-failed': {
      const again =
        notice.retryAt === null
          ? ''
          : `; tried again in ${duration(Math.max(0, notice.retryAt - session.at))}`
      return `${paint('yellow', '!')} ${taskName(notice.task)}: try ${notice.attempt} failed: ${failureText(notice.failure)}${again}`
    }
    case 'failed':
      return `${paint('red', '✗')} ${taskName(notice.task)}: given up: ${failureText(notice.failure)}`
    case 'skipped':
      return `${paint('red', '✗')} ${taskName(notice.task)}: left out, because ${taskName(notice.because)} failed`
    case 'throttled':
      return `${paint('yellow', '!')} ${notice.model} asks to slow down: ${counted(notice.concurrency, 'call')} at a time${
        notice.until > session.at ? `, waiting ${duration(notice.until - session.at)}` : ''
      }`
    case 'budget':
      return `${paint('yellow', '!')} ${notice.percent} % of the budget is spent: ${formatUsd(notice.spentMicros)} of ${formatUsd(notice.limitMicros)}`
    case 'alarm':
      return `${paint('red', '!')} a message from ${oneLine(notice.sender, 80)} was not accepted: ${oneLine(notice.detail)}`
    case 'draining': {
      if (notice.then.is === 'completed') return null
      const waits =
        notice.running === 0 ? '' : `; waiting for ${counted(notice.running, 'attempt')} under way`
      return `${paint('yellow', '!')} stopping: ${stopText(notice.then)}${waits}`
    }
  }
}

function withoutClaims(task: string, session: Session): string {
  const role = session.tasksById.get(task)?.role ?? 'worker'
  const isSearch = role !== 'planner' && session.terms[role].model !== 'function'
  return isSearch ? 'no evidence found' : 'done'
}

function cost(micros: number): string {
  return micros === 0 ? '' : ` (${formatUsd(micros)})`
}

/** Our own tasks have an underscore before their name, which is nobody's concern. */
export function taskName(id: string): string {
  return id.replace(/^_/, '')
}
