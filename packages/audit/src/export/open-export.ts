import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { evidenceKey, type JournalEntry } from '@infrafabric/ports'
import {
  isJsonObject,
  isSha256,
  type Primitives,
  parseCanonical,
  type Sha256,
  sha256Hex,
} from '@infrafabric/protocol'
import type { Objects } from '../claim-check.ts'
import { textOf } from '../claim-check.ts'
import type { Findings } from '../findings.ts'
import { hash, object, text, whole } from '../shape.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { JOURNAL, MANIFEST, objectHash, objectName, SEAL } from './members.ts'
import { readArchive } from './read-archive.ts'
import { readSeal, SEAL_BYTES, type Seal, sealSigner } from './seal.ts'

export interface OpenOptions {
  /** Of the file; default 1 GiB. */
  fileBytesMax?: number
  /** Of what it holds, decompressed and kept in memory; default 2 GiB. */
  bytesMax?: number
}

/** An export in memory; whatever is wrong with the file is among the findings. */
export interface OpenedExport {
  /** null: it is missing or cannot be read. */
  manifest: Manifest | null
  /** SHA-256 of the key that signed it; null: unsigned, or the signature is not good. */
  signedBy: Sha256 | null
  /** Whose journal it is, by its own word. */
  session: string
  journal(): AsyncGenerator<JournalEntry>
  objects: Objects
  /** Bytes of a file such as `report.json`. */
  file(name: string): Uint8Array | undefined
}

const FILE_BYTES_MAX = 2 ** 30
const BYTES_MAX = 2 ** 31
const FILES_MAX = 200_000
const LINE_BYTES_MAX = 2 ** 27

/**
 * Reads an exported session into memory; nothing is written to disk. Rejects only when the file itself cannot be
 * read; a hostile or damaged one brings findings.
 */
export async function openExport(
  path: string,
  primitives: Primitives,
  findings: Findings,
  options: OpenOptions = {},
): Promise<OpenedExport> {
  const bytes = await readBounded(path, options.fileBytesMax ?? FILE_BYTES_MAX)
  const fault = (detail: string, where?: string): void =>
    findings.fault('archive', where === undefined ? 'archive' : `archive, ${where}`, detail)
  if (bytes === null)
    fault(`more than ${options.fileBytesMax ?? FILE_BYTES_MAX} bytes: too large to be read here`)
  const file = bytes ?? new Uint8Array(0)
  const read = readSeal(file.subarray(Math.max(0, file.length - SEAL_BYTES)))
  if (!read.ok && bytes !== null) fault(read.detail, read.found ? SEAL : undefined)
  const sealed = read.ok || read.found ? file.subarray(0, file.length - SEAL_BYTES) : file
  const limits = { bytesMax: options.bytesMax ?? BYTES_MAX, filesMax: FILES_MAX }
  const archive = await readArchive(sealed, limits)
  if (archive.fault !== null && bytes !== null) fault(archive.fault.detail, archive.fault.where)
  const { files } = archive

  const manifest = checkManifest(files, primitives, fault)
  const seal = read.ok ? read.seal : null
  if (seal !== null) checkSeal(seal, sealed, files, manifest, fault)
  return {
    manifest,
    signedBy: seal === null ? null : signerOf(seal, manifest, primitives, findings),
    session: sessionOf(files, manifest),
    journal: () => readLines(files.get(JOURNAL) ?? new Uint8Array(0), findings),
    objects: objectsIn(files),
    file: (name) => files.get(name),
  }
}

type Fault = (detail: string, where?: string) => void

async function readBounded(path: string, bytesMax: number): Promise<Uint8Array | null> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    return size > bytesMax ? null : await file.readFile()
  } finally {
    await file.close()
  }
}

function checkManifest(
  files: ReadonlyMap<string, Uint8Array>,
  primitives: Primitives,
  fault: Fault,
): Manifest | null {
  const bytes = files.get(MANIFEST)
  const read = bytes === undefined ? null : readManifest(bytes)
  if (read?.ok !== true) {
    fault(read === null ? 'it is missing' : read.detail, MANIFEST)
    return null
  }
  const { members } = read.manifest
  const listed = new Set(members.map(({ name }) => name))
  for (const { name, bytes: length, sha256 } of members) {
    const file = files.get(name)
    if (file === undefined) fault('it is missing', name)
    else if (file.length !== length || sha256Hex(file, primitives) !== sha256) {
      fault('it was changed: its hash is not the one in the manifest', name)
    } else if (objectHash(name) !== undefined && objectHash(name) !== sha256)
      fault('it has another hash', name)
  }
  const present = [...files.keys()].filter((name) => name !== MANIFEST && name !== SEAL)
  for (const name of present) if (!listed.has(name)) fault('the manifest does not list it', name)
  const order = members.map(({ name }) => name).filter((name) => files.has(name))
  if (order.join('\n') !== present.filter((name) => listed.has(name)).join('\n')) {
    fault('its files stand in another order than the manifest lists them')
  }
  return read.manifest
}

function checkSeal(
  seal: Seal,
  sealed: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
  manifest: Manifest | null,
  fault: Fault,
): void {
  const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  if (seal.archive_bytes !== sealed.length) {
    fault(
      `${sealed.length} bytes stand before the seal, which is for ${seal.archive_bytes}: some were removed or added`,
    )
  } else if (seal.archive_sha256 !== hashOf(sealed)) {
    fault('a compressed byte was changed: the hash of the bytes before the seal is not the sealed one')
  }
  const bytes = files.get(MANIFEST)
  if (bytes !== undefined && seal.manifest_sha256 !== hashOf(bytes)) {
    fault('it was changed: its hash is not the sealed one', MANIFEST)
  }
  if (manifest !== null && manifest.session !== seal.session) fault('it is for another session', SEAL)
}

function signerOf(
  seal: Seal,
  manifest: Manifest | null,
  primitives: Primitives,
  findings: Findings,
): Sha256 | null {
  const where = `archive, ${SEAL}`
  if (seal.signature === null) {
    const detail =
      'whoever made this file did not sign it as the operator: README and reports are nobody’s word'
    findings.warn('not-signed', where, detail)
    return null
  }
  const key = sealSigner(seal, primitives)
  if (key === undefined) {
    findings.fault('archive', where, 'its signature is not good')
    return null
  }
  const signedBy = sha256Hex(key, primitives)
  if (manifest !== null && manifest.operator !== signedBy) {
    findings.fault('archive', where, `signed by ${signedBy}; the manifest names ${manifest.operator}`)
  }
  return signedBy
}

/** The journal's own word comes first: its chain begins with it. */
function sessionOf(files: ReadonlyMap<string, Uint8Array>, manifest: Manifest | null): string {
  const journal = files.get(JOURNAL) ?? new Uint8Array(0)
  const [row] = lineRows(journal.subarray(0, (journal.indexOf(10) + 1 || journal.length) as number))
  const opened = row === undefined || !row.ok ? undefined : parseCanonical(row.entry.body)
  if (opened?.ok === true && isJsonObject(opened.value) && typeof opened.value.session === 'string') {
    return opened.value.session
  }
  return manifest?.session ?? ''
}

const line = object({ body: text(LINE_BYTES_MAX), hash, seq: whole })

type Row = { ok: true; entry: JournalEntry } | { ok: false; text: string; detail: string }

function* lineRows(bytes: Uint8Array): Generator<Row> {
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(10, from)
    const content = textOf(bytes.subarray(from, end === -1 ? bytes.length : end))
    if (content === undefined) yield { ok: false, text: '', detail: 'not UTF-8' }
    else if (end === -1) yield { ok: false, text: content, detail: 'the line was cut off' }
    else yield readLine(content)
    from = end === -1 ? bytes.length : end + 1
  }
}

function readLine(content: string): Row {
  const parsed = parseCanonical(content, { bytesMax: LINE_BYTES_MAX })
  if (!parsed.ok) return { ok: false, text: content, detail: parsed.detail }
  const fault = line(parsed.value)
  if (fault !== undefined) return { ok: false, text: content, detail: fault }
  return { ok: true, entry: parsed.value as unknown as JournalEntry }
}

async function* readLines(bytes: Uint8Array, findings: Findings): AsyncGenerator<JournalEntry> {
  let seq = 0
  for (const row of lineRows(bytes)) {
    if (!row.ok) findings.fault('archive', `archive, ${JOURNAL}, line ${seq + 1}`, row.detail)
    // A line that cannot be read still has its place in the chain.
    yield row.ok ? row.entry : { seq, hash: '', body: row.text }
    seq++
  }
}

function objectsIn(files: ReadonlyMap<string, Uint8Array>): Objects {
  const bytesOf = (key: string): Uint8Array | undefined => {
    const sha256 = key.slice(-64)
    return isSha256(sha256) && key === evidenceKey(sha256) ? files.get(objectName(sha256)) : undefined
  }
  return {
    async get(key) {
      const bytes = bytesOf(key)
      if (bytes === undefined) throw new Error('it is not in the export')
      return bytes
    },
    has: async (key) => bytesOf(key) !== undefined,
  }
}
