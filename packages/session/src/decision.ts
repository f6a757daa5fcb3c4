import type { MessageDraft } from '@infrafabric/protocol'
import type { Failure, Stop } from './state.ts'

/** What has to be done about an event: messages to seal, journal and send; and what people may want to hear. */
export interface Step {
  drafts: MessageDraft[]
  notices: Notice[]
}

/** What people following a session want to hear of. Not kept: the journal says it all again. */
export type Notice =
  | { kind: 'planned'; tasks: number }
  | { kind: 'assigned'; task: string; attempt: number; agent: string }
  | { kind: 'finished'; task: string; attempt: number; agent: string; claims: number; costMicros: number }
  | {
      kind: 'attempt-failed'
      task: string
      attempt: number
      agent: string
      failure: Failure
      retryAt: number | null
    }
  | { kind: 'failed'; task: string; failure: Failure }
  | { kind: 'skipped'; task: string; because: string }
  | { kind: 'throttled'; model: string; until: number; concurrency: number }
  | { kind: 'budget'; percent: number; spentMicros: number; limitMicros: number }
  /** Something a well-behaved agent never does. */
  | { kind: 'alarm'; sender: string; detail: string }
  | { kind: 'draining'; then: Stop; running: number }
  | { kind: 'stopped'; why: Stop }
