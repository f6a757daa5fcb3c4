import type { Block } from '@infrafabric/evidence'
import type { SourceProblemCode } from '../source.ts'

/** Makes one kind of file into blocks. The same bytes and context give the same blocks on every machine. */
export interface Reader {
  /** With its version, as in `pdf/1`: raise the version when it would give other text for the same bytes. */
  readonly name: string

  /** Throws SourceError where nothing can be read: `encrypted`, `corrupt`, `too-large`. */
  read(bytes: Uint8Array, context: ReadContext): Promise<Reading>
}

interface ReadContext {
  name: string
  mediaType: string
  /** As an HTTP header or a mail part declares it. */
  charset?: string
  signal?: AbortSignal
}

export interface Reading {
  title?: string
  blocks: Block[]
  /** What was left out. */
  notes?: { code: SourceProblemCode; detail: string }[]
}
