import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { canonicalize, type JsonObject, type Signer, utf8 } from '@infrafabric/protocol'
import { generateSigner, nodePrimitives } from '@infrafabric/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evidenceSession } from '../../testing/evidence-session.ts'
import {
  type Copied,
  journalOf,
  keyOf,
  objectsOf,
  readLines,
  realSession,
} from '../../testing/real-session.ts'
import type { Audit } from '../audit.ts'
import { exportSession } from './export-session.ts'
import { encodeSeal, readSeal, SEAL_BYTES, signSeal } from './seal.ts'
import { BLOCK_BYTES, TAR_END, tarHeader, tarPadding } from './tar.ts'
import { type VerifyExport, verifyExport } from './verify-export.ts'

const NOTE = 'The lamp was changed on 3 March 2026.'
const reports = {
  'report.md': utf8('# Report\n'),
  'report.html': utf8('<!doctype html><title>Report</title>\n'),
}

let folder: string
let small: Copied
let file: Buffer

async function pack(copied: Copied, operator: Signer | undefined = copied.operator): Promise<Buffer> {
  const { session, rows, objects } = copied
  const packed = await exportSession({
    session,
    journal: { read: () => journalOf(rows) },
    objects: objectsOf(objects),
    primitives: nodePrimitives,
    reports: { ...reports, 'report.json': utf8(copied.report) },
    ...(operator === undefined ? {} : { operator }),
  })
  const chunks: Uint8Array[] = []
  for await (const chunk of packed.chunks) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function verify(bytes: Uint8Array, more: Partial<VerifyExport> = {}): Promise<Audit> {
  const path = join(folder, 'session.tar.gz')
  writeFileSync(path, bytes)
  return verifyExport({ file: path, primitives: nodePrimitives, ...more })
}

/** The tar file without its seal, to be changed and packed again by somebody who does not sign. */
function unsealed(bytes: Buffer): Buffer {
  return gunzipSync(bytes.subarray(0, -SEAL_BYTES))
}

function repacked(tar: Uint8Array, bytes: Buffer = file): Buffer {
  return Buffer.concat([gzipSync(tar), bytes.subarray(-SEAL_BYTES)])
}

/** Name, first byte and end of each file in a tar. */
function placesIn(tar: Buffer): { name: string; header: number; from: number; to: number; next: number }[] {
  const places = []
  for (let at = 0; at < tar.length; ) {
    const name = tar.toString('latin1', at, at + 100).replace(/\0.*$/s, '')
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8)
    const from = at + BLOCK_BYTES
    const next = from + size + tarPadding(size).length
    places.push({ name, header: at, from, to: from + size, next })
    at = next
  }
  return places
}

function flipped(bytes: Buffer, at: number, bit = 1): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(copy.readUInt8(at) ^ bit, at)
  return copy
}

function wheres({ faults }: Audit): string[] {
  return faults.map(({ where }) => where)
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'infrafabric-export-'))
  small = await realSession({
    evidence: { 'note.txt': NOTE },
    workers: 1,
    tasks: [{ id: 'lamp', question: 'When was the lamp changed?', needs: [] }],
    worker(_, tools) {
      const supports = tools.search('lamp', 1).map(({ source, passage, text }) => ({ source, passage, text }))
      return { answer: '', claims: [{ text: NOTE, supports, contradicts: [] }] }
    },
  })
  file = await pack(small)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('an export verifies in an empty folder, and leaves nothing there', async () => {
  const audit = await verify(file, { operatorFingerprint: small.fingerprint, readDocument: readLines })
  expect(audit.faults).toEqual([])
  expect(audit.warnings).toEqual([])
  expect(audit).toMatchObject({ ok: true, session: small.session, counts: { claims: { provisional: 1 } } })
  expect(readdirSync(folder)).toEqual(['session.tar.gz'])
})

test('a large session with claim checks and two epochs verifies too', async () => {
  const large = await evidenceSession()
  expect((await verify(await pack(large))).faults).toEqual([])
})

test('an export holds as many entries as its reports were made from', async () => {
  const { session, rows, objects, operator } = small
  const journal = { read: () => journalOf(rows) }
  const entriesMax = rows.length - 1
  const input = {
    session,
    journal,
    objects: objectsOf(objects),
    primitives: nodePrimitives,
    operator,
    reports,
  }
  const packed = await exportSession({ ...input, entriesMax })
  expect(packed).toMatchObject({ entries: entriesMax, head: rows[entriesMax - 1]?.hash })
  const chunks: Uint8Array[] = []
  for await (const chunk of packed.chunks) chunks.push(chunk)
  expect(await verify(Buffer.concat(chunks))).toMatchObject({ ok: true, counts: { entries: entriesMax } })
})

test('the same session and reports give the same bytes', async () => {
  expect((await pack(small)).equals(file)).toBe(true)
})

test('other programs can unpack it', () => {
  const path = join(folder, 'session.tar.gz')
  writeFileSync(path, file)
  const names = execFileSync('tar', ['-tzf', path], { encoding: 'utf8', stdio: 'pipe' }).trim().split('\n')
  expect(names.slice(0, 2)).toEqual(['README.md', 'journal.jsonl'])
  expect(names.slice(-2)).toEqual(['manifest.json', 'seal.json'])
  const readme = execFileSync('tar', ['-xzOf', path, 'README.md'], { encoding: 'utf8' })
  expect(readme).toContain(`--operator ${small.fingerprint}`)
})

describe('one changed byte', { timeout: 120_000 }, () => {
  test('is noticed wherever it is in the file', async () => {
    const stride = Math.max(1, Math.floor((file.length - SEAL_BYTES) / 300))
    const header = Array.from({ length: 20 }, (_, at) => at)
    const body = Array.from({ length: 300 }, (_, at) => 20 + at * stride)
    const seal = Array.from({ length: SEAL_BYTES }, (_, at) => file.length - SEAL_BYTES + at)
    for (const at of [...header, ...body, ...seal.filter((_, place) => place < 40 || place % 5 === 0)]) {
      const audit = await verify(flipped(file, at, 1 << (at % 8)))
      expect(audit.ok, `byte ${at}`).toBe(false)
      expect(audit.faults[0]?.where, `byte ${at}`).toMatch(/^archive/)
    }
  })

  test('is named wherever it is in the files, when they are packed again', async () => {
    const tar = unsealed(file)
    for (const { name, header, from, to, next } of placesIn(tar)) {
      const stride = Math.max(1, Math.floor((to - from) / 40))
      for (let at = from; at < to; at += stride) {
        const audit = await verify(repacked(flipped(tar, at)))
        expect(wheres(audit), `${name}, byte ${at - from}`).toContain(`archive, ${name}`)
      }
      for (const at of [header, header + 100, header + 136, header + 148, header + 300, header + 511]) {
        expect((await verify(repacked(flipped(tar, at)))).faults[0]?.where, name).toMatch(
          /^archive, (after|its)/,
        )
      }
      if (to < next) {
        expect((await verify(repacked(flipped(tar, next - 1)))).faults[0]).toMatchObject({
          where: `archive, ${name}`,
        })
      }
    }
  })

  test('in a line of the journal is named as its entry, in evidence as its hash', async () => {
    const tar = unsealed(file)
    const places = placesIn(tar)
    const journal = places.find(({ name }) => name === 'journal.jsonl')
    const note = places.find(({ from, to }) => tar.toString('utf8', from, to) === NOTE)
    if (journal === undefined || note === undefined) throw new Error('not in the export')
    let at = journal.from
    for (const { seq } of small.rows) {
      const end = tar.indexOf('\n', at)
      const audit = await verify(repacked(flipped(tar, Math.floor((at + end) / 2))))
      expect(wheres(audit), `entry ${seq}`).toContain(`entry ${seq}`)
      at = end + 1
    }
    const evidence = await verify(repacked(flipped(tar, note.from + 3)))
    expect(wheres(evidence)).toContain(`evidence sha256:${note.name.slice('objects/'.length)}`)
    expect(wheres(evidence)).toContain(`archive, ${note.name}`)
  })
})

test('an export cut off anywhere is refused', async () => {
  for (let length = 0; length < file.length; length += Math.ceil(file.length / 60)) {
    const audit = await verify(file.subarray(0, length))
    expect(audit.ok).toBe(false)
    expect(audit.faults[0]?.where).toBe('archive')
  }
  expect((await verify(file.subarray(0, -1))).ok).toBe(false)
})

test('bytes before, after and between are refused', async () => {
  const zero = Buffer.alloc(1)
  expect((await verify(Buffer.concat([file, zero]))).faults[0]?.detail).toContain('does not end in a seal')
  expect((await verify(Buffer.concat([file, file]))).ok).toBe(false)
  expect((await verify(Buffer.concat([zero, file]))).ok).toBe(false)
  const between = Buffer.concat([file.subarray(0, -SEAL_BYTES), zero, file.subarray(-SEAL_BYTES)])
  expect((await verify(between)).faults[0]?.detail).toContain('some were removed or added')
})

describe('who signed', () => {
  test('an export by somebody without the operator’s key says so, and is right all the same', async () => {
    for (const key of [undefined, generateSigner()]) {
      const packed = await exportSession({
        session: small.session,
        journal: { read: () => journalOf(small.rows) },
        objects: objectsOf(small.objects),
        primitives: nodePrimitives,
        reports,
        ...(key === undefined ? {} : { operator: key }),
      })
      expect(packed.signed).toBe(false)
    }
    const audit = await verify(await pack(small, generateSigner()))
    expect(audit).toMatchObject({ ok: true, warnings: [{ code: 'not-signed' }] })
  })

  test('a report changed by somebody who packs and seals again is nobody’s word', async () => {
    const packed = await exportSession({
      session: small.session,
      journal: { read: () => journalOf(small.rows) },
      objects: objectsOf(small.objects),
      primitives: nodePrimitives,
      reports: { 'report.md': utf8('# Forged\n') },
    })
    const chunks: Uint8Array[] = []
    for await (const chunk of packed.chunks) chunks.push(chunk)
    const audit = await verify(Buffer.concat(chunks))
    expect(audit).toMatchObject({ ok: true, warnings: [{ code: 'not-signed', where: 'archive, seal.json' }] })
    const pinned = await verify(Buffer.concat(chunks), { operatorFingerprint: small.fingerprint })
    expect(pinned).toMatchObject({ ok: false, faults: [{ code: 'not-signed', where: 'archive, seal.json' }] })
  })

  test('a seal by another key than the operator’s is refused', async () => {
    const read = readSeal(file.subarray(-SEAL_BYTES))
    if (!read.ok) throw new Error(read.detail)
    const { signature, ...seal } = read.seal
    expect(signature?.public_key).toBe(Buffer.from(small.operator.publicKey).toString('base64'))
    const forged = encodeSeal(signSeal(seal, generateSigner()))
    const audit = await verify(Buffer.concat([file.subarray(0, -SEAL_BYTES), forged]))
    expect(audit.faults).toMatchObject([{ code: 'archive', where: 'archive, seal.json' }])
    expect(audit.faults[0]?.detail).toContain(`the manifest names ${small.fingerprint}`)
  })

  test('another session’s seal is refused', async () => {
    const other = await realSession({ name: 'audited-3', operator: small.operator, worker: () => 'done' })
    const seal = (await pack(other)).subarray(-SEAL_BYTES)
    const audit = await verify(Buffer.concat([file.subarray(0, -SEAL_BYTES), seal]))
    expect(wheres(audit)).toContain('archive, seal.json')
    expect(wheres(audit)).toContain('archive, manifest.json')
  })
})

describe('a hostile archive', () => {
  const one = (name: string, text = 'x', change?: (header: Uint8Array) => void): Buffer => {
    const header = tarHeader(name, text.length)
    change?.(header)
    return Buffer.concat([header, utf8(text), tarPadding(text.length)])
  }
  const tries: [string, () => Buffer, RegExp][] = [
    ['climbs out of the folder', () => one('../../etc/passwd'), /no file of an export/],
    ['has an absolute path', () => one('/etc/passwd'), /no file of an export/],
    [
      'has a link',
      () => one('README.md', '', (header) => header.set([0x32], 156)),
      /not one that an export has/,
    ],
    [
      'has a folder',
      () => one('objects/', '', (header) => header.set([0x35], 156)),
      /not one that an export has/,
    ],
    ['has a file twice', () => Buffer.concat([one('README.md'), one('README.md')]), /there twice/],
    ['states a huge size', () => Buffer.from(tarHeader('README.md', 8 ** 11 - 1)), /too large/],
    ['goes on after its end', () => Buffer.concat([TAR_END, one('README.md')]), /after the last file/],
    ['is no tar', () => Buffer.from('hello '.repeat(1_000)), /not one that an export has/],
  ]
  test.each(tries)('that %s is refused', async (_, make, detail) => {
    const audit = await verify(repacked(make()))
    expect(audit.ok).toBe(false)
    expect(audit.faults.some((fault) => detail.test(fault.detail))).toBe(true)
    expect(readdirSync(folder)).toEqual(['session.tar.gz'])
  })

  test('that unpacks to far more than is allowed is refused', async () => {
    const bytes = 64 * 1024 * 1024
    const tar = Buffer.concat([tarHeader('README.md', bytes), Buffer.alloc(bytes)])
    const audit = await verify(repacked(tar), { bytesMax: 1024 * 1024 })
    expect(audit.faults.some(({ detail }) => detail.includes('too large'))).toBe(true)
    expect((await verify(file, { fileBytesMax: 100 })).faults[0]?.detail).toContain('too large')
  })

  test('whose manifest is of a newer format is refused with the remedy', async () => {
    const tar = unsealed(file)
    const place = placesIn(tar).find(({ name }) => name === 'manifest.json')
    if (place === undefined) throw new Error('no manifest')
    const manifest = JSON.parse(tar.toString('utf8', place.from, place.to)) as JsonObject
    const newer = canonicalize({ ...manifest, v: 2 })
    const audit = await verify(
      repacked(Buffer.concat([tar.subarray(0, place.header), one('manifest.json', newer)])),
    )
    expect(audit.faults[0]).toMatchObject({ where: 'archive, manifest.json' })
    expect(audit.faults[0]?.detail).toContain('update infrafabric')
  })
})

test('a damaged session is not exported', async () => {
  const rows = small.rows.with(3, { seq: 3, hash: '0'.repeat(64), body: '{}' })
  await expect(pack({ ...small, rows })).rejects.toMatchObject({ code: 'corrupt', message: /entry 3/ })
  const objects = new Map(small.objects)
  objects.delete(keyOf(NOTE))
  await expect(pack({ ...small, objects })).rejects.toMatchObject({ code: 'corrupt' })
  await expect(pack({ ...small, rows: [] })).rejects.toMatchObject({ code: 'not-found' })
})

test('the bytes of a text file are what is exported', () => {
  const tar = unsealed(file)
  const place = placesIn(tar).find(({ name }) => name === 'report.md')
  expect(tar.subarray(place?.from, place?.to).toString()).toBe('# Report\n')
  expect(readFileSync(join(folder, 'session.tar.gz')).length).toBeGreaterThan(0)
})
