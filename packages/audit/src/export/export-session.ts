import { createHash } from 'node:crypto'
import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { DriverError, type Journal, type JournalEntry } from '@infrafabric/ports'
import {
  canonicalize,
  chainHash,
  chainStart,
  fromBase64,
  isJsonObject,
  type Json,
  type JsonObject,
  type Primitives,
  type Sha256,
  type Signer,
  sha256Hex,
  utf8,
} from '@infrafabric/protocol'
import { claimCheckOf, type Entry } from '@infrafabric/session'
import { type Objects, readObject } from '../claim-check.ts'
import { readEntry } from '../read-entry.ts'
import { EXPORT_FORMAT, type Manifest, type Member } from './manifest.ts'
import { JOURNAL, MANIFEST, objectName, README, REPORTS } from './members.ts'
import { exportReadme } from './readme.ts'
import { encodeSeal, signSeal } from './seal.ts'
import { tarHeader, tarPadding } from './tar.ts'

export interface ExportSession {
  session: string
  journal: Pick<Journal, 'read'>
  objects: Objects
  primitives: Primitives
  /** How far: as many entries as the reports were made from, for a session that goes on meanwhile. Left out: all. */
  entriesMax?: number
  /** Signs the export when it is the operator who ran the session. */
  operator?: Signer
  reports: Partial<Record<(typeof REPORTS)[number], Uint8Array>>
}

export interface SessionExport {
  /** False when the signer handed in is not the operator who ran the session, or none was. */
  signed: boolean
  entries: number
  head: Sha256
  operatorFingerprint: Sha256
  /** The file, to be read once. Rejects with `corrupt` when an object is missing or was changed. */
  chunks: AsyncIterable<Uint8Array>
}

/** What one look at the journal brings. */
interface Survey {
  operatorKey: Uint8Array
  software: string
  entries: number
  head: Sha256
  journalBytes: number
  objects: Set<string>
}

/**
 * Packs a session up to its present end: the same session and reports give the same file. Rejects with `not-found`
 * for an unknown session and with `corrupt` for a damaged one.
 */
export async function exportSession(input: ExportSession): Promise<SessionExport> {
  const survey = await surveyJournal(input)
  const { primitives, operator } = input
  const signer = operator !== undefined && sameBytes(operator.publicKey, survey.operatorKey) ? operator : null
  const operatorFingerprint = sha256Hex(survey.operatorKey, primitives)
  const { entries, head } = survey
  const chunks = fileOf(input, survey, operatorFingerprint, signer)
  return { signed: signer !== null, entries, head, operatorFingerprint, chunks }
}

async function surveyJournal({ session, journal, primitives, entriesMax }: ExportSession): Promise<Survey> {
  let survey: Survey | null = null
  let head = chainStart(session, primitives)
  for await (const row of journal.read(session)) {
    const position: number = survey?.entries ?? 0
    if (position === entriesMax) break
    head = chainHash(head, row.body, primitives)
    const read = readEntry(row.body)
    if (row.hash !== head || row.seq !== position || !read.ok) throw damaged(session, position)
    const { entry } = read
    survey ??= openSurvey(session, entry)
    survey.entries++
    survey.head = head
    survey.journalBytes += lineOf(row).length
    for (const hash of objectsOf(entry)) survey.objects.add(hash)
  }
  if (survey === null) throw new DriverError('not-found', 'export', `no session "${session}"`)
  return survey
}

function openSurvey(session: string, entry: Entry): Survey {
  const operatorKey = entry.kind === 'opened' ? fromBase64(entry.operatorKey) : undefined
  if (entry.kind !== 'opened' || operatorKey === undefined) throw damaged(session, 0)
  const empty = { entries: 0, head: '' as Sha256, journalBytes: 0, objects: new Set<string>() }
  return { operatorKey, software: entry.software, ...empty }
}

function objectsOf(entry: Entry): string[] {
  if (entry.kind === 'evidence-added')
    return entry.sources.flatMap(({ sha256, document }) => [sha256, document])
  if (entry.kind !== 'received' && entry.kind !== 'sent') return []
  const message = JSON.parse(entry.message) as Json
  const check = isJsonObject(message) ? claimCheckOf(message.content ?? null) : null
  return check === null ? [] : [check.sha256]
}

async function* fileOf(
  input: ExportSession,
  survey: Survey,
  operator: Sha256,
  signer: Signer | null,
): AsyncGenerator<Uint8Array> {
  const archive = createHash('sha256')
  let archiveBytes = 0
  const manifest: { sha256: Sha256 } = { sha256: operator }
  for await (const chunk of compress(membersOf(input, survey, operator, signer, manifest))) {
    archive.update(chunk)
    archiveBytes += chunk.length
    yield chunk
  }
  const { session } = input
  const seal = signSeal(
    {
      v: 1,
      session,
      archive_bytes: archiveBytes,
      archive_sha256: archive.digest('hex') as Sha256,
      manifest_sha256: manifest.sha256,
    },
    signer,
  )
  yield encodeSeal(seal)
}

/** One gzip member. Its header must not tell which system made it. */
async function* compress(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip()
  // An error reaches whoever reads `gzip`; one who stops reading ends `parts`.
  pipeline(Readable.from(parts), gzip, () => {})
  let at = 0
  for await (const chunk of gzip as AsyncIterable<Buffer>) {
    if (at <= OS_AT && OS_AT < at + chunk.length) chunk[OS_AT - at] = OS_UNKNOWN
    at += chunk.length
    yield chunk
  }
}

/** Place of the operating system in a gzip header (RFC 1952). */
const OS_AT = 9
const OS_UNKNOWN = 255

async function* membersOf(
  input: ExportSession,
  survey: Survey,
  operator: Sha256,
  signer: Signer | null,
  result: { sha256: Sha256 },
): AsyncGenerator<Uint8Array> {
  const { session, objects, primitives, reports } = input
  const members: Member[] = []

  function* whole(name: string, bytes: Uint8Array): Generator<Uint8Array> {
    members.push({ name, bytes: bytes.length, sha256: sha256Hex(bytes, primitives) })
    yield tarHeader(name, bytes.length)
    yield bytes
    yield tarPadding(bytes.length)
  }

  const readme = exportReadme({ session, operator, signed: signer !== null, software: survey.software })
  yield* whole(README, utf8(readme))
  const hash = createHash('sha256')
  yield tarHeader(JOURNAL, survey.journalBytes)
  for await (const line of linesOf(input, survey)) {
    hash.update(line)
    yield line
  }
  yield tarPadding(survey.journalBytes)
  members.push({ name: JOURNAL, bytes: survey.journalBytes, sha256: hash.digest('hex') as Sha256 })
  for (const name of REPORTS) {
    const report = reports[name]
    if (report !== undefined) yield* whole(name, report)
  }
  for (const sha256 of [...survey.objects].sort()) {
    const read = await readObject(sha256, objects, primitives)
    if (!read.ok) throw new DriverError('corrupt', 'export', `${read.detail}: restore it from a backup`)
    yield* whole(objectName(sha256), read.bytes)
  }
  const manifest: Manifest = {
    format: 'infrafabric-export',
    v: EXPORT_FORMAT,
    session,
    entries: survey.entries,
    head: survey.head,
    operator,
    software: survey.software,
    members: [...members],
  }
  const text = utf8(canonicalize(manifest as unknown as JsonObject))
  result.sha256 = sha256Hex(text, primitives)
  yield* whole(MANIFEST, text)
}

/** The journal again, up to where it was surveyed: a running session may have grown. */
async function* linesOf({ session, journal }: ExportSession, survey: Survey): AsyncGenerator<Uint8Array> {
  let left = survey.entries
  for await (const row of journal.read(session)) {
    yield lineOf(row)
    if (--left === 0) return
  }
}

function lineOf({ seq, hash, body }: JournalEntry): Uint8Array {
  return utf8(`${canonicalize({ seq, hash, body })}\n`)
}

function damaged(session: string, position: number): DriverError {
  const detail = `the journal of session "${session}" is damaged: entry ${position} is the first bad one. infrafabric verify ${session} says more`
  return new DriverError('corrupt', 'export', detail)
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}
