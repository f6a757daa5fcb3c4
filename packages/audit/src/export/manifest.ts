import { isJsonObject, type Json, parseCanonical, type Sha256 } from '@infrafabric/protocol'
import { textOf } from '../claim-check.ts'
import { hash, list, object, text, whole } from '../shape.ts'

/** Version of the export's format. */
export const EXPORT_FORMAT = 1

/** What an export holds. Canonical JSON, the last file before the seal. */
export interface Manifest {
  format: 'infrafabric-export'
  v: number
  session: string
  /** The journal's entries, and the hash of the last. */
  entries: number
  head: Sha256
  /** SHA-256 of the operator's raw key. */
  operator: Sha256
  /** What made the session. */
  software: string
  /** Every file but this one and the seal, in the order in which they stand. */
  members: Member[]
}

export interface Member {
  name: string
  bytes: number
  sha256: Sha256
}

const shape = object({
  format: text(30),
  v: whole,
  session: text(100),
  entries: whole,
  head: hash,
  operator: hash,
  software: text(1_000),
  members: list(object({ name: text(100), bytes: whole, sha256: hash }), 1_000_000),
})

export type ManifestRead = { ok: true; manifest: Manifest } | { ok: false; detail: string }

export function readManifest(bytes: Uint8Array): ManifestRead {
  const parsed = parseCanonical(textOf(bytes) ?? '', { bytesMax: Number.MAX_SAFE_INTEGER })
  if (!parsed.ok) return { ok: false, detail: parsed.detail }
  const { value } = parsed
  const newer = newerFormat(value)
  if (newer !== undefined) return { ok: false, detail: newer }
  const fault = shape(value)
  if (fault !== undefined) return { ok: false, detail: fault }
  const manifest = value as unknown as Manifest
  if (manifest.format !== 'infrafabric-export' || manifest.v !== EXPORT_FORMAT) {
    return { ok: false, detail: 'not the manifest of an export' }
  }
  return { ok: true, manifest }
}

function newerFormat(value: Json): string | undefined {
  if (!isJsonObject(value) || typeof value.v !== 'number' || value.v <= EXPORT_FORMAT) return undefined
  return `export format ${value.v} is newer than this program's ${EXPORT_FORMAT}: update infrafabric and verify again`
}
