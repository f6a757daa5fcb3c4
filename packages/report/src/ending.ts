import { formatUsd, PLAN_TASK, type Session, type Stop, sliceMicros } from '@infrafabric/session'
import type { Ending } from './report.ts'
import { cutLine } from './visible.ts'

/** How the session ended, what was kept, and what the rest would need. */
export function endingOf(session: Session): Ending {
  const { phase } = session
  if (phase.is === 'stopped') return { is: phase.why.is, ...describe(session, phase.why) }
  const headline =
    phase.is === 'running'
      ? `The session is still running: ${progress(session)}.`
      : `The session is stopping: ${progress(session)}, ${count(session.running.size, 'attempt')} under way.`
  return { is: 'running', headline, details: ['This is what is known so far.'] }
}

function describe(session: Session, stop: Stop): Omit<Ending, 'is'> {
  const resume = `infrafabric resume ${session.name}`
  switch (stop.is) {
    case 'completed':
      return completed(session)
    case 'cancelled':
      return {
        headline: `The session was cancelled: ${progress(session)}.`,
        details: ['Everything accepted before that is kept. A cancelled session cannot be resumed.'],
      }
    case 'interrupted':
      return {
        headline: `The session was interrupted: ${progress(session)}.`,
        details: [KEPT, `Go on with: ${resume}`],
      }
    case 'out-of-time':
      return {
        headline: `The deadline passed: ${progress(session)}.`,
        details: [KEPT, ...restNeeds(session), `Go on with more time: ${resume} --deadline 10m`],
      }
    case 'out-of-budget': {
      const { limit, spent } = session.budget
      const enough = formatUsd(spent + openCeiling(session))
      const least = formatUsd(spent + stop.sliceMicros)
      return {
        headline: `The budget of ${limit === null ? '$0.00' : formatUsd(limit)} would not cover the next attempt: ${progress(session)}.`,
        details: [
          KEPT,
          `${formatUsd(spent)} was spent; the next attempt can cost ${formatUsd(stop.sliceMicros)} at the most, and is not begun before that much is left.`,
          ...restNeeds(session),
          `Go on with ${enough} in all, which is sure to be enough, or with ${least} at the least: ${resume} --budget ${enough.slice(1)}`,
        ],
      }
    }
    case 'halted':
      return {
        headline: `The session was halted: ${progress(session)}.`,
        details: [
          `The cause: ${cutLine(stop.detail, 400) || stop.code}.`,
          stop.code === 'unauthorized'
            ? `Set a valid key for the provider (infrafabric doctor says what is missing), then: ${resume}`
            : stop.code === 'spend-limit'
              ? `Raise the spending limit in the provider's own console, then: ${resume}`
              : `When the cause is removed: ${resume}`,
          KEPT,
        ],
      }
  }
}

const KEPT = 'Everything accepted so far is kept, and is not paid for again.'

function completed(session: Session): Omit<Ending, 'is'> {
  const work = session.tasks.filter((task) => task.role === 'worker')
  const plan = session.tasksById.get(PLAN_TASK)
  if (plan?.status.is === 'failed') {
    return { headline: 'No plan could be made, so no question was worked on.', details: [] }
  }
  const lost = work.filter((task) => task.status.is !== 'finished').length
  return {
    headline:
      lost === 0
        ? `All ${count(work.length, 'question')} ${work.length === 1 ? 'was' : 'were'} worked on.`.replace(
            'All 1 ',
            'The 1 ',
          )
        : `Finished, but ${lost} of ${count(work.length, 'question')} could not be worked on.`,
    details: [],
  }
}

function progress(session: Session): string {
  const work = session.tasks.filter((task) => task.role === 'worker')
  if (work.length === 0) return 'the plan was not made yet'
  const done = work.filter((task) => task.status.is === 'finished').length
  return `${done} of ${count(work.length, 'question')} ${done === 1 ? 'is' : 'are'} done`
}

/** What the open tasks would cost: by their slices, and by the mean of what was done. */
function restNeeds(session: Session): string[] {
  const open = session.tasks.filter(isOpen)
  if (open.length === 0) return []
  const ceiling = openCeiling(session)
  if (ceiling === 0)
    return [`${count(open.length, 'task')} ${open.length === 1 ? 'is' : 'are'} left, at no cost.`]
  const unplanned = open.some((task) => task.role === 'planner') ? ', and whatever the planner adds' : ''
  const slices = [...new Set(open.map((task) => sliceMicros(session.terms[task.role])))]
  const each = slices.length === 1 ? ` (${formatUsd(slices[0] ?? 0)} each)` : ''
  const needs = [
    `${count(open.length, 'task')} ${open.length === 1 ? 'is' : 'are'} left${unplanned}: ${formatUsd(ceiling)} at the most${each}.`,
  ]
  const finished = session.tasks.filter((task) => task.status.is === 'finished').length
  if (finished > 0 && session.budget.spent > 0) {
    const mean = Math.ceil(session.budget.spent / finished)
    needs.push(
      `A finished task has cost ${formatUsd(mean)} on average, failed attempts included; at that rate the rest would cost about ${formatUsd(mean * open.length)}.`,
    )
  }
  return needs
}

function openCeiling(session: Session): number {
  return session.tasks.filter(isOpen).reduce((sum, task) => sum + sliceMicros(session.terms[task.role]), 0)
}

function isOpen(task: Session['tasks'][number]): boolean {
  return task.status.is !== 'finished' && task.status.is !== 'failed' && task.status.is !== 'skipped'
}

/** `1 task`, `2 tasks`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
