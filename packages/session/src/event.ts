import type { Json } from '@infrafabric/protocol'
import type { Mission } from './mission.ts'
import type { SourceFault, SourceRecord } from './source.ts'
import type { Terms } from './terms.ts'
import type { Role } from './work.ts'

/** The first event of every session. */
export interface Opened {
  kind: 'opened'
  at: number
  session: string
  mission: Mission
  terms: Record<Role, Terms>
  /** Whether a synthesizer puts the results together when all tasks are settled. */
  synthesize: boolean
}

/**
 * All that `step` ever learns. Time arrives as `at` (epoch milliseconds), never from a clock. Each event is in
 * the journal before anything is done about it, so that replaying the journal rebuilds the same session.
 */
export type SessionEvent =
  | { kind: 'evidence-added'; at: number; sources: SourceRecord[]; faults: SourceFault[] }
  /** A coordinator took the session over; its epoch is larger than any before. */
  | { kind: 'epoch-started'; at: number; epoch: number; keyId: string }
  /** The operator gives a stopped session more money or more time. */
  | { kind: 'limits-raised'; at: number; budgetMicros: number | null; deadlineAt: number | null }
  | { kind: 'received'; at: number; message: Inbound }
  | { kind: 'time-passed'; at: number }
  /** The operator asks to stop after the attempts under way. */
  | { kind: 'interrupted'; at: number }

/** A verified and admitted message, its claim check already resolved. */
export interface Inbound {
  sender: string
  performative: string
  messageId: string
  content: Json
}
