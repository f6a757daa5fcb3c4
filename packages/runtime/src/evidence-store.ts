import type { Document } from '@infrafabric/evidence'
import { DriverError, evidenceKey, type ObjectStore } from '@infrafabric/ports'
import { canonicalize, type Json, type Primitives, type Sha256, sha256Hex, utf8 } from '@infrafabric/protocol'
import type { SourceRecord } from '@infrafabric/session'

/** A source as a reader hands it over. */
export interface GatheredSource {
  name: string
  uri: string
  bytes: Uint8Array
  sha256: Sha256
  mediaType: string
  document: Document
  /** Epoch ms at which a URL was read; null for files. */
  accessedAt: number | null
}

/** Stores the original bytes and the extracted document; what is recorded is durable before it is named. */
export async function storeSource(
  source: GatheredSource,
  objects: ObjectStore,
  primitives: Primitives,
): Promise<SourceRecord> {
  const document = utf8(canonicalize(source.document as unknown as Json))
  const hash = sha256Hex(document, primitives)
  await objects.put(evidenceKey(source.sha256), source.bytes)
  await objects.put(evidenceKey(hash), document)
  return {
    name: source.name,
    uri: source.uri,
    sha256: source.sha256,
    bytes: source.bytes.length,
    mediaType: source.mediaType,
    document: hash,
    accessedAt: source.accessedAt,
  }
}

/** The documents of a session, each checked against the hash that the journal names. */
export async function loadDocuments(
  sources: readonly SourceRecord[],
  objects: ObjectStore,
  primitives: Primitives,
): Promise<Document[]> {
  const documents: Document[] = []
  for (const source of sources) {
    const bytes = await objects.get(evidenceKey(source.document))
    if (sha256Hex(bytes, primitives) !== source.document) {
      throw new DriverError(
        'corrupt',
        'read evidence',
        `the stored text of "${source.name}" was changed: restore the object store from a backup or an export`,
      )
    }
    documents.push(JSON.parse(new TextDecoder().decode(bytes)) as Document)
  }
  return documents
}
