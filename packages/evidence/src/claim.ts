import type { Sha256 } from '@infrafabric/protocol'

/** What an agent states. Whether it holds is never taken from the agent: see `assess`. */
export interface Claim {
  text: string
  supports: Quote[]
  contradicts: Quote[]
}

/** Exact words of a passage. */
export interface Quote {
  source: Sha256
  passage: number
  text: string
}

export type CitationStatus = 'verified' | 'provisional' | 'unverified' | 'disputed' | 'missing'
