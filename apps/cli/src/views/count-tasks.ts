import type { Session } from '@infrafabric/session'

export interface TaskCounts {
  total: number
  finished: number
  /** Skipped ones included. */
  failed: number
  running: number
  waiting: number
  /** Finished or failed. */
  settled: number
}

export function countTasks(session: Session): TaskCounts {
  let finished = 0
  let failed = 0
  let running = 0
  for (const { status } of session.tasks) {
    if (status.is === 'finished') finished++
    else if (status.is === 'failed' || status.is === 'skipped') failed++
    else if (status.is === 'assigned') running++
  }
  const total = session.tasks.length
  const settled = finished + failed
  return { total, finished, failed, running, waiting: total - settled - running, settled }
}
