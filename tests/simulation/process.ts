import type { Session } from '@infrafabric/session'
import type { Owner } from './scheduler.ts'

/** One side of a fabric process: its coordinator or its agent host. Each may die without the other. */
export interface Program extends Owner {
  /** What its clock says minus the world's time, in ms. */
  clockOffset: number
  /** `out`: nothing it sends arrives. `in`: nothing that is sent to it arrives. */
  partition: { way: 'in' | 'out'; until: number } | null
  /** It ran on a machine that lost its power: nothing of it is under way any more. */
  unpowered: boolean
}

/** A coordinator with its agent host, as one run of the command line has them. */
export interface Process {
  coordinator: Program
  host: Program
  /** The state its coordinator works on; null until it is loaded. */
  session: Session | null
  /** Of the coordinator, once it has begun. */
  epoch: number | null
  interrupt: AbortController
  /** Resolved when the host is killed alone: nobody waits for it any more. */
  hostKilled: PromiseWithResolvers<void>
  ended: boolean
}

export function newProgram(label: string, clockOffset: number): Program {
  return { label, dead: false, pausedUntil: 0, clockOffset, partition: null, unpowered: false }
}
