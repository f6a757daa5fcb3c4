import type { Sha256 } from '@infrafabric/protocol'

/** One piece of evidence as the journal records it. */
export interface SourceRecord {
  name: string
  /** Path relative to the mission's folder, or the URL asked for. */
  uri: string
  /** Of the original bytes, which lie in the object store under this hash. */
  sha256: Sha256
  bytes: number
  mediaType: string
  /** The extracted Document as canonical JSON, in the object store under this hash. */
  document: Sha256
  /** Epoch ms at which a URL was read; null for files. */
  accessedAt: number | null
}

/** Evidence that was asked for and could not be used; the session goes on without it and the report says so. */
export interface SourceFault {
  name: string
  code: string
  detail: string
}
