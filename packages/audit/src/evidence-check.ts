import type { Document, Passage } from '@infrafabric/evidence'
import { passagesOf } from '@infrafabric/evidence'
import { canonicalize, type Json, type Primitives, parseCanonical, type Sha256 } from '@infrafabric/protocol'
import type { SourceRecord } from '@infrafabric/session'
import { type Objects, readObject, textOf } from './claim-check.ts'
import type { Findings } from './findings.ts'
import { between, hash, list, object, oneOf, text, whole } from './shape.ts'

/** Extracts the text of a source again; null when no reader here is the one that the stored document names. */
export type ReadDocument = (
  source: SourceRecord,
  bytes: Uint8Array,
  stored: Pick<Document, 'reader'>,
) => Promise<Document | null>

const TEXT_MAX = 2 ** 29
const place = object({}, { page: whole, line: whole, lineEnd: whole })
const block = object(
  { kind: oneOf('heading', 'text', 'item', 'row', 'code'), text: text(TEXT_MAX), place },
  { level: between(0, 1_000) },
)
const document = object(
  {
    source: hash,
    name: text(20_000),
    mediaType: text(1_000),
    reader: text(200),
    blocks: list(block, 50_000_000),
  },
  { title: text(TEXT_MAX) },
)

/** Passages kept for the next claims that quote them. */
const CHARACTERS_HELD_MAX = 32 * 1024 * 1024

/** The stored documents of a session, checked when they are first needed; few are held at a time. */
export class EvidenceCheck {
  readonly #objects: Objects
  readonly #primitives: Primitives
  readonly #findings: Findings
  readonly #bySource = new Map<string, SourceRecord>()
  readonly #damaged = new Set<string>()
  readonly #passages = new Map<string, readonly Passage[]>()
  #characters = 0
  readonly #readDocument: ReadDocument | undefined
  readonly readers = { repeated: 0, skipped: 0 }

  constructor(objects: Objects, primitives: Primitives, findings: Findings, readDocument?: ReadDocument) {
    this.#objects = objects
    this.#primitives = primitives
    this.#findings = findings
    this.#readDocument = readDocument
  }

  /** Re-hashes a source's original bytes and its document. */
  async check(source: SourceRecord): Promise<void> {
    // As in the index that agents search: of sources with the same bytes the first gives the passages.
    if (!this.#bySource.has(source.sha256)) this.#bySource.set(source.sha256, source)
    const where = `evidence sha256:${source.sha256}`
    const original = await readObject(source.sha256, this.#objects, this.#primitives)
    if (!original.ok) this.#findings.fault('evidence', where, `${source.name}: ${original.detail}`)
    else if (original.bytes.length !== source.bytes) {
      const detail = `${source.name}: has ${original.bytes.length} bytes; the journal says ${source.bytes}`
      this.#findings.fault('evidence', where, detail)
    }
    const stored = await this.#document(source)
    if (!stored.ok) {
      this.#damaged.add(source.sha256)
      this.#findings.fault('evidence', where, `text of ${source.name}: ${stored.detail}`)
    } else if (original.ok) await this.#readAgain(source, original.bytes, stored.document, where)
  }

  isDamaged(source: Sha256): boolean {
    return this.#damaged.has(source)
  }

  /** Loads the passages of these sources, so that `passage` finds them. */
  async prepare(sources: Iterable<Sha256>): Promise<void> {
    const wanted = new Set<string>(sources)
    for (const name of wanted) {
      const record = this.#bySource.get(name)
      if (record === undefined || this.#passages.has(name)) continue
      const stored = await this.#document(record)
      const passages = stored.ok ? passagesOf(stored.document) : []
      this.#passages.set(name, passages)
      this.#characters += charactersOf(passages)
    }
    for (const [name, passages] of this.#passages) {
      if (this.#characters <= CHARACTERS_HELD_MAX) return
      if (wanted.has(name)) continue
      this.#passages.delete(name)
      this.#characters -= charactersOf(passages)
    }
  }

  passage(source: Sha256, passage: number): Passage | undefined {
    return this.#passages.get(source)?.[passage]
  }

  async #document(
    source: SourceRecord,
  ): Promise<{ ok: true; document: Document } | { ok: false; detail: string }> {
    const read = await readObject(source.document, this.#objects, this.#primitives)
    if (!read.ok) return read
    const parsed = parseCanonical(textOf(read.bytes) ?? '', { bytesMax: Number.MAX_SAFE_INTEGER })
    if (!parsed.ok) return { ok: false, detail: `not canonical JSON: ${parsed.detail}` }
    const fault = document(parsed.value)
    if (fault !== undefined) return { ok: false, detail: fault }
    const stored = parsed.value as unknown as Document
    if (stored.source !== source.sha256) return { ok: false, detail: `belongs to sha256:${stored.source}` }
    if (stored.name !== source.name) return { ok: false, detail: 'belongs to a source of another name' }
    if (stored.mediaType !== source.mediaType) return { ok: false, detail: `is of type ${stored.mediaType}` }
    return { ok: true, document: stored }
  }

  async #readAgain(source: SourceRecord, bytes: Uint8Array, stored: Document, where: string): Promise<void> {
    if (this.#readDocument === undefined) return
    let again: Document | null
    try {
      again = await this.#readDocument(source, bytes, stored)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.#findings.fault('reader', where, `${source.name} cannot be read again: ${why}`)
      return
    }
    if (again === null || again.reader !== stored.reader) {
      this.readers.skipped++
      return
    }
    this.readers.repeated++
    if (canonicalize(again as unknown as Json) === canonicalize(stored as unknown as Json)) return
    const detail = `${source.name}: reading the original with ${stored.reader} gives another text than the stored one`
    this.#findings.fault('reader', where, detail)
  }
}

function charactersOf(passages: readonly Passage[]): number {
  return passages.reduce((sum, { text }) => sum + text.length, 0)
}
