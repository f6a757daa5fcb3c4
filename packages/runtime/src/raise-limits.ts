import type { Journal } from '@infrafabric/ports'
import type { Primitives } from '@infrafabric/protocol'
import { type SessionEvent, step } from '@infrafabric/session'
import { JournalWriter } from './journal-writer.ts'
import type { LoadedSession } from './load-session.ts'

/** What the operator gives a session that was stopped. null: as it was. */
export interface Limits {
  /** The new total in micro-dollars, what was spent before included. */
  budgetMicros: number | null
  /** From now on, in milliseconds. */
  deadlineMs: number | null
}

/**
 * Journals higher limits before a coordinator takes over; the caller holds the session's lock. The deadline counts
 * the time in which somebody coordinates, so one that is not raised moves by the pause.
 */
export async function raiseLimits(
  loaded: LoadedSession,
  limits: Limits,
  ports: { journal: Journal; primitives: Primitives },
  now: number,
): Promise<void> {
  const { session } = loaded
  const { budgetMicros, deadlineMs } = limits
  if (budgetMicros === null && deadlineMs === null) return
  // The session's time is not the clock's when that was ever set back.
  const pause = Math.max(0, now - session.clockAt)
  const moved = session.deadlineAt === null ? null : session.deadlineAt + pause
  const deadlineAt = deadlineMs === null ? moved : session.at + pause + deadlineMs
  const event: SessionEvent = { kind: 'limits-raised', at: now, budgetMicros, deadlineAt }
  const writer = new JournalWriter(ports.journal, session.name, loaded.head, ports.primitives)
  await writer.append([event])
  step(session, event)
  loaded.head = writer.head
}
