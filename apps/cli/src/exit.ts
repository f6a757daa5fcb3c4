import type { Session } from '@infrafabric/session'

/** What the exit code of every command means. */
export const EXIT = {
  done: 0,
  /** Finished with failed tasks, a failed verification, or an error that is not the user's. */
  failed: 1,
  /** Wrong usage, or a faulty mission: nothing was started. */
  usage: 2,
  /** Stopped by the budget or the deadline; a partial report is kept. */
  stopped: 3,
  /** By Ctrl-C or SIGTERM; the session can be resumed. */
  interrupted: 130,
} as const

/** The exit code that tells how a session ended. */
export function exitCodeOf(session: Session): number {
  const { phase } = session
  if (phase.is !== 'stopped') return EXIT.failed
  switch (phase.why.is) {
    case 'completed':
      return session.tasks.every(({ status }) => status.is === 'finished') ? EXIT.done : EXIT.failed
    case 'interrupted':
      return EXIT.interrupted
    case 'out-of-budget':
    case 'out-of-time':
      return EXIT.stopped
    case 'halted':
      // The provider's own limit is a budget too.
      return phase.why.code === 'spend-limit' ? EXIT.stopped : EXIT.failed
    case 'cancelled':
      return EXIT.failed
  }
}
