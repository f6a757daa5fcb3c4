import type { Document } from '@infrafabric/evidence'
import type { Sha256 } from '@infrafabric/protocol'

/** One source that was read. */
export interface ReadSource {
  /** What a person calls it: the path relative to `base` with `/`, or the URL as written. */
  name: string
  /** The same as `name`: a relative path, never one that tells where the machine keeps it, or the URL. */
  uri: string
  bytes: Uint8Array
  sha256: Sha256
  mediaType: string
  document: Document
  /** Of a URL: epoch milliseconds. */
  accessedAt?: number
  /** Of a URL: where the redirects led. */
  finalUrl?: string
  /** Name of an earlier source with the same bytes. It is no independent confirmation of that one. */
  duplicateOf?: string
}

/** What was left out or read only in part, and what to do about it. Never fatal for the other sources. */
export interface SourceProblem {
  name: string
  code: SourceProblemCode
  /** One sentence or two for people: what is wrong, and the remedy. */
  detail: string
}

export type SourceProblemCode =
  | 'matches-nothing'
  | 'unreadable' // permission, dangling link, vanished, or a device, pipe or socket
  | 'outside' // a link that leads out of the folder
  | 'encrypted'
  | 'corrupt'
  | 'binary'
  | 'empty'
  | 'no-text' // pages without a text layer
  | 'read-as-text' // its own syntax is faulty; it is a source all the same
  | 'incomplete' // a part was left out; the rest is a source
  | 'too-large'
  | 'too-many'
  | 'unsupported'
  | 'unreachable'
  | 'slow'
  | 'internal-address'
  | 'insecure' // http, or a certificate that does not verify
  | 'redirect'
  | 'http-status'

/** Thrown inside this package where one source cannot be had; `gatherSources` turns it into a problem. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly code: SourceProblemCode

  constructor(code: SourceProblemCode, detail: string, options: { cause?: unknown } = {}) {
    super(detail, options)
    this.code = code
  }
}
