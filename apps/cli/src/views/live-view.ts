import type { Session } from '@infrafabric/session'
import { createLogUpdate } from 'log-update'
import type { Io } from '../io.ts'
import { oneLine } from '../plain-text.ts'
import { describeNotice } from './describe-notice.ts'
import { drawFrame } from './draw-frame.ts'
import type { RunView } from './run-view.ts'

/** At most ten pictures a second, and only when something changed. */
const DRAW_EVERY_MS = 100
/** Times that run on are redrawn this often. */
const TICK_MS = 1_000
const EVENTS_KEPT = 8

/** A picture of the session that is drawn over. */
export function liveView(io: Io): RunView {
  const { stream } = io.terminal
  const update = createLogUpdate(stream)
  let session: Session | null = null
  let gathering: string | null = null
  let events: string[] = []
  let isStale = false
  let drawnAt = 0
  let isOver = false

  function draw(): void {
    const now = Date.now()
    if (!isStale && now - drawnAt < TICK_MS) return
    isStale = false
    drawnAt = now
    const { columns = 80, rows = 24 } = stream
    if (session !== null) update(drawFrame(session, { now, columns, rows, events, paint: io.paint }))
    else if (gathering !== null) update(oneLine(gathering, columns - 1))
  }

  const timer = setInterval(draw, DRAW_EVERY_MS)
  timer.unref()
  return {
    gathered({ done, total, name }) {
      gathering = `reading ${done} of ${total}: ${name}`
      isStale = true
      // Reading keeps the process busy, so that the timer may not come up.
      if (Date.now() - drawnAt >= DRAW_EVERY_MS) draw()
    },
    begin(loaded) {
      session = loaded
      isStale = true
      draw()
    },
    notice(notice, current) {
      session = current
      isStale = true
      const line = describeNotice(notice, current, io.paint)
      if (line === null) return
      // A log keeps what went wrong; what went well shows in the bar.
      events = [...events, line].slice(-EVENTS_KEPT)
    },
    tell(line) {
      if (isOver) return
      update.clear()
      stream.write(`${line}\n`)
      isStale = true
    },
    end() {
      if (isOver) return
      isOver = true
      clearInterval(timer)
      update.clear()
      update.done()
    },
  }
}
