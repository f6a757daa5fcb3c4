import { createHash } from 'node:crypto'
import type { Document } from '@infrafabric/evidence'
import type { Sha256 } from '@infrafabric/protocol'
import { chooseReader } from './choose-reader.ts'
import { type ReadSource, SourceError, type SourceProblem } from './source.ts'

export interface RawSource {
  name: string
  bytes: Uint8Array
  mediaType?: string
  charset?: string
  accessedAt?: number
  finalUrl?: string
}

/**
 * The same bytes and name give the same Document wherever and whenever it is read. Throws SourceError where
 * nothing can be had from them.
 */
export async function readSource(
  raw: RawSource,
  signal?: AbortSignal,
): Promise<{ source: ReadSource; problems: SourceProblem[] }> {
  const { name, bytes } = raw
  if (bytes.length === 0)
    throw new SourceError('empty', `${name} is empty. Check that it was saved or copied completely.`)
  // A URL's path tells the format; its query does not.
  const pathName = /^https?:/i.test(name) ? new URL(raw.finalUrl ?? name).pathname : name
  const { reader, mediaType } = await chooseReader(pathName, bytes, raw.mediaType)
  const reading = await reader.read(bytes, {
    name,
    mediaType,
    ...(raw.charset ? { charset: raw.charset } : {}),
    ...(signal ? { signal } : {}),
  })
  const problems = (reading.notes ?? []).map((note) => ({ name, ...note }))
  if (reading.blocks.length === 0) {
    const note = problems[0]
    throw new SourceError(
      note?.code ?? 'empty',
      note?.detail ?? `${name} holds no text. Check that it is the right file.`,
    )
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex') as Sha256
  const title = reading.title?.replace(/\s+/g, ' ').trim()
  const document: Document = {
    source: sha256,
    name,
    mediaType,
    reader: reader.name,
    ...(title ? { title } : {}),
    blocks: reading.blocks,
  }
  const source: ReadSource = {
    name,
    uri: name,
    bytes,
    sha256,
    mediaType,
    document,
    ...(raw.accessedAt === undefined ? {} : { accessedAt: raw.accessedAt }),
    ...(raw.finalUrl === undefined ? {} : { finalUrl: raw.finalUrl }),
  }
  return { source, problems }
}
