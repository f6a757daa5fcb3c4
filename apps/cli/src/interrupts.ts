import { EXIT } from './exit.ts'

export interface Interrupts {
  /** Aborted at the first Ctrl-C or SIGTERM. */
  signal: AbortSignal
  release(): void
}

/** The first Ctrl-C or SIGTERM asks to stop, the second ends the process at once. @param onFirst tells people. */
export function listenForInterrupts(onFirst: () => void, beforeExit: () => void): Interrupts {
  const controller = new AbortController()
  const interrupt = (): void => {
    if (controller.signal.aborted) {
      beforeExit()
      // Nothing is lost: whatever was accepted is in the journal, and the rest is asked for again.
      process.exit(EXIT.interrupted)
    }
    controller.abort()
    onFirst()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', interrupt)
      process.off('SIGTERM', interrupt)
    },
  }
}
