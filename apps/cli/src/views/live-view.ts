import type { Notice, Session } from '@infrafabric/session'
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
/** Pictures of many tasks come less often, so that drawing takes no more than this of a processor. */
const CPU_SHARE = 0.04
const EVENTS_KEPT = 8
const LASTING: ReadonlySet<Notice['kind']> = new Set(['failed', 'skipped', 'budget', 'alarm'])
/** A thousand failures are read in the report. */
const LASTING_MAX = 20

/** A picture of the session that is drawn over. */
export function liveView(io: Io): RunView {
  const { stream } = io.terminal
  const update = createLogUpdate(stream)
  let session: Session | null = null
  let gathering: string | null = null
  let events: string[] = []
  let isStale = false
  let drawnAt = 0
  let pauseMs = 0
  let isOver = false
  let lasting = 0

  function draw(): void {
    const now = Date.now()
    const since = now - drawnAt
    if (since < pauseMs || (!isStale && since < TICK_MS)) return
    isStale = false
    drawnAt = now
    const began = performance.now()
    const { columns = 80, rows = 24 } = stream
    if (session !== null) update(drawFrame(session, { now, columns, rows, events, paint: io.paint }))
    else if (gathering !== null) update(oneLine(gathering, columns - 1))
    pauseMs = Math.max(DRAW_EVERY_MS, (performance.now() - began) / CPU_SHARE)
  }

  function tell(line: string): void {
    if (isOver) return
    update.persist(line)
    isStale = true
    pauseMs = 0
    draw()
  }

  const timer = setInterval(draw, DRAW_EVERY_MS)
  timer.unref()
  return {
    gathered({ done, total, name }) {
      gathering = `reading ${done} of ${total}: ${name}`
      isStale = true
      // Reading keeps the process busy, so that the timer may not come up.
      draw()
    },
    begin(loaded) {
      session = loaded
      isStale = true
      pauseMs = 0
      draw()
    },
    notice(notice, current) {
      session = current
      isStale = true
      const line = describeNotice(notice, current, io.paint)
      if (line === null) return
      // What went wrong stays on the screen when the picture is gone; what went well shows in the bar.
      if (LASTING.has(notice.kind) && lasting++ < LASTING_MAX) tell(line)
      else events = [...events, line].slice(-EVENTS_KEPT)
    },
    tell,
    end() {
      if (isOver) return
      isOver = true
      clearInterval(timer)
      update.clear()
      update.done()
    },
  }
}
