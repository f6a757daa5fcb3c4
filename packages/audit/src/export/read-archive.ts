import { createInflateRaw } from 'node:zlib'
import { isMember } from './members.ts'
import { BLOCK_BYTES, readTarHeader } from './tar.ts'

export interface ArchiveLimits {
  /** Of all files together, decompressed; they are held in memory. */
  bytesMax: number
  filesMax: number
}

export interface Archive {
  /** Whole files only, in the order in which they stand. Nothing is ever written to disk. */
  files: Map<string, Uint8Array>
  /** What is wrong, and where: nothing after it was read. */
  fault: { where: string; detail: string } | null
}

/**
 * Reads a gzipped tar file that nobody vouches for. Never rejects; stops at the first thing an export does not have.
 * The checksum of gzip is left alone: the seal has a better one, and what was changed can then be named by file.
 */
export async function readArchive(compressed: Uint8Array, limits: ArchiveLimits): Promise<Archive> {
  // No honest header states more than deflate can hold in so many bytes.
  const bytesMax = Math.min(limits.bytesMax, compressed.length * DEFLATE_RATIO_MAX)
  const reader = new TarReader({ ...limits, bytesMax })
  if (GZIP_START.some((byte, at) => compressed[at] !== byte)) {
    reader.refuse('it is not a gzip file as an export is')
    return { files: reader.files, fault: reader.fault }
  }
  const inflate = createInflateRaw()
  inflate.end(compressed.subarray(GZIP_HEADER_BYTES))
  try {
    for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
      reader.push(chunk)
      if (reader.fault !== null) break
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    reader.refuse(`the compressed bytes are damaged (${why})`)
  } finally {
    inflate.destroy()
  }
  reader.end()
  return { files: reader.files, fault: reader.fault }
}

/** RFC 1952: gzip, deflate, no optional fields; then time, level and system. */
const GZIP_START = [0x1f, 0x8b, 8, 0]
const GZIP_HEADER_BYTES = 10
const DEFLATE_RATIO_MAX = 1032

class TarReader {
  readonly files = new Map<string, Uint8Array>()
  fault: Archive['fault'] = null
  readonly #limits: ArchiveLimits
  readonly #header = new Uint8Array(BLOCK_BYTES)
  /** The part being filled: a header, a file, its padding, or the end. */
  #part: { is: 'header' | 'file' | 'padding'; bytes: Uint8Array; filled: number }
  #name = ''
  #previous = ''
  #bytes = 0
  #ended = false

  constructor(limits: ArchiveLimits) {
    this.#limits = limits
    this.#part = { is: 'header', bytes: this.#header, filled: 0 }
  }

  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length && this.fault === null) {
      const part = this.#part
      const take = Math.min(chunk.length - at, part.bytes.length - part.filled)
      part.bytes.set(chunk.subarray(at, at + take), part.filled)
      part.filled += take
      at += take
      if (part.filled === part.bytes.length) this.#complete()
    }
  }

  end(): void {
    if (this.fault === null && (this.#part.is !== 'header' || this.#part.filled > 0))
      this.refuse('it was cut off')
  }

  refuse(detail: string): void {
    const where =
      this.#name !== '' ? this.#name : this.#previous === '' ? 'its start' : `after ${this.#previous}`
    this.fault ??= { where, detail }
  }

  #complete(): void {
    if (this.#part.is === 'header') this.#open()
    else if (this.#part.is === 'file') {
      const { bytes } = this.#part
      this.files.set(this.#name, bytes)
      this.#begin('padding', new Uint8Array((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES))
    } else {
      if (this.#part.bytes.some((byte) => byte !== 0)) this.refuse('the blanks after it are not zero')
      this.#previous = this.#name
      this.#name = ''
      this.#begin('header', this.#header)
    }
  }

  #open(): void {
    if (!this.#ended && this.#header.every((byte) => byte === 0)) {
      this.#ended = true
      this.#begin('header', this.#header)
      return
    }
    const stated = readTarHeader(this.#header)
    const fault = this.#faultOf(stated)
    if (fault !== undefined || stated === undefined) {
      this.refuse(fault ?? '')
      return
    }
    this.#name = stated.name
    this.#bytes += stated.size
    this.#begin('file', new Uint8Array(stated.size))
  }

  #faultOf(stated: { name: string; size: number } | undefined): string | undefined {
    const { bytesMax, filesMax } = this.#limits
    if (this.#ended) return 'blocks after the last file'
    if (stated === undefined) return 'the header is not one that an export has'
    if (!isMember(stated.name)) return `"${stated.name}" is no file of an export`
    if (this.files.has(stated.name)) return `${stated.name} is there twice`
    if (this.#bytes + stated.size <= bytesMax && this.files.size < filesMax) return undefined
    return `more than ${filesMax} files or ${bytesMax} bytes: too large to be read here`
  }

  #begin(is: 'header' | 'file' | 'padding', bytes: Uint8Array): void {
    this.#part = { is, bytes, filled: 0 }
    if (bytes.length === 0) this.#complete()
  }
}
