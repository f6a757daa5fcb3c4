import type { Io } from '../io.ts'
import { plainView } from './plain-view.ts'
import type { RunView } from './run-view.ts'

/** A picture that is drawn over on a terminal, lines elsewhere. */
export async function openView(io: Io): Promise<RunView> {
  if (!io.terminal.live) return plainView(io)
  const { liveView } = await import('./live-view.ts')
  return liveView(io)
}
