import type { Notice, Session } from '@infrafabric/session'

/** Shows people how a session goes. */
export interface RunView {
  /** While evidence is read. */
  gathered(progress: { done: number; total: number; name: string }): void
  /** The coordinator begins. */
  begin(session: Session): void
  notice(notice: Notice, session: Session): void
  /** A line that must stay, such as an answer to Ctrl-C. */
  tell(line: string): void
  /** Leaves the screen as it should stay. */
  end(): void
}
