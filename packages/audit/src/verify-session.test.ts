import type { JournalEntry } from '@infrafabric/ports'
import {
  canonicalize,
  chainHash,
  chainStart,
  type Json,
  type JsonObject,
  type Sha256,
  sealCheckpoint,
  sha256Hex,
  utf8,
} from '@infrafabric/protocol'
import { generateSigner, nodePrimitives } from '@infrafabric/runtime'
import { beforeAll, describe, expect, test } from 'vitest'
import { evidenceSession, INVOICE, SURVEY } from '../testing/evidence-session.ts'
import { type Copied, journalOf, keyOf, objectsOf, readLines, textDocument } from '../testing/real-session.ts'
import type { Audit } from './audit.ts'
import { type VerifySession, verifySession } from './verify-session.ts'

let good: Copied

function verify(copied: Copied, more: Partial<VerifySession> = {}): Promise<Audit> {
  const { session, rows, objects } = copied
  return verifySession({
    session,
    journal: journalOf(rows),
    objects: objectsOf(objects),
    primitives: nodePrimitives,
    ...more,
  })
}

/** The same entries, chained anew by somebody who has no key. */
function rechained(copied: Copied, bodies: readonly string[]): Copied {
  let hash: Sha256 = chainStart(copied.session, nodePrimitives)
  const rows = bodies.map((body, seq): JournalEntry => {
    hash = chainHash(hash, body, nodePrimitives)
    return { seq, hash, body }
  })
  return { ...copied, rows }
}

function edited(copied: Copied, at: number, edit: (entry: JsonObject) => void): string[] {
  return copied.rows.map(({ body }, position) => {
    if (position !== at) return body
    const entry = JSON.parse(body) as JsonObject
    edit(entry)
    return canonicalize(entry)
  })
}

function find(copied: Copied, kind: string, nth = 0): number {
  const found = copied.rows.flatMap(({ body }, at) =>
    (JSON.parse(body) as JsonObject).kind === kind ? [at] : [],
  )
  return found[nth] ?? -1
}

function codes({ faults }: Audit): string[] {
  return faults.map(({ code, where }) => `${code}: ${where}`)
}

beforeAll(async () => {
  good = await evidenceSession()
})

test('finds nothing wrong with a session of two epochs, failures, evidence and a claim check', async () => {
  const audit = await verify(good, { operatorFingerprint: good.fingerprint, readDocument: readLines })
  expect(audit.faults).toEqual([])
  expect(audit.warnings).toEqual([])
  expect(audit).toMatchObject({
    ok: true,
    operatorFingerprint: good.fingerprint,
    phase: { is: 'stopped', why: { is: 'completed' } },
    attested: good.rows.length - 1,
    counts: {
      entries: good.rows.length,
      epochs: 2,
      evidence: 2,
      claims: { verified: 1, unverified: 1, provisional: 0, disputed: 0, missing: 0 },
    },
    readers: { repeated: 2, skipped: 0 },
  })
  const texts = good.rows.map(({ body }) => body)
  expect(texts.some((body) => body.includes('claim_check'))).toBe(true)
  expect(texts.some((body) => body.includes('\\"kind\\":\\"failure\\"'))).toBe(true)
})

describe('the chain', () => {
  test('names the entry in which any one byte was changed', async () => {
    for (const [at, row] of good.rows.entries()) {
      const middle = Math.floor(row.body.length / 2)
      const other = row.body[middle] === 'a' ? 'b' : 'a'
      const body = row.body.slice(0, middle) + other + row.body.slice(middle + 1)
      const audit = await verify({ ...good, rows: good.rows.with(at, { ...row, body }) })
      expect(audit.ok).toBe(false)
      expect(audit.faults[0]).toMatchObject({ code: 'chain', where: `entry ${at}` })
      expect(audit.faults[0]?.detail).toContain('Nothing from here on can be trusted')
    }
  })

  test('names the first entry after one was deleted, and of two that were exchanged', async () => {
    const deleted = await verify({ ...good, rows: good.rows.toSpliced(4, 1) })
    expect(deleted.faults[0]).toMatchObject({ code: 'chain', where: 'entry 4' })
    const [third, fourth] = good.rows.slice(3, 5)
    if (third === undefined || fourth === undefined) throw new Error('too short')
    const swapped = await verify({ ...good, rows: good.rows.with(3, fourth).with(4, third) })
    expect(swapped.faults[0]).toMatchObject({ code: 'chain', where: 'entry 3' })
  })

  test('names an entry that came from another session', async () => {
    const other = await evidenceSession({ name: 'audited-2', operator: good.operator })
    const at = find(good, 'received')
    const foreign = other.rows[find(other, 'received')]
    if (foreign === undefined) throw new Error('too short')
    const audit = await verify({ ...good, rows: good.rows.with(at, { ...foreign, seq: at }) })
    expect(audit.faults[0]).toMatchObject({ code: 'chain', where: `entry ${at}` })
    const bodies = good.rows.map(({ body }) => body).with(at, foreign.body)
    expect(codes(await verify(rechained(good, bodies)))).toContain(`message: entry ${at}`)
  })

  test('finds an entry that was changed and chained anew, at the next checkpoint', async () => {
    const at = find(good, 'evidence-added', 1)
    const bodies = edited(good, at, (entry) => {
      entry.faults = []
    })
    const audit = await verify(rechained(good, bodies))
    expect(codes(audit)).toEqual([`checkpoint: entry ${good.rows.length - 1}`])
  })

  // Found by npm run fuzz: no later checkpoint attests to the last one's entry.
  test('finds another time on the last checkpoint, chained anew', async () => {
    const last = good.rows.length - 1
    const bodies = edited(good, last, (entry) => {
      entry.at = Number(entry.at) + 1
    })
    expect(codes(await verify(rechained(good, bodies)))).toEqual([`checkpoint: entry ${last}`])
  })

  test('says that the end is missing when a stopped session has no last checkpoint', async () => {
    const audit = await verify({ ...good, rows: good.rows.slice(0, -1) })
    expect(audit.ok).toBe(true)
    expect(audit.warnings.map(({ code }) => code)).toEqual(['not-attested'])
  })

  test('finds a journal cut between what was decided and what was sent', async () => {
    const last = find(good, 'sent')
    const audit = await verify({ ...good, rows: good.rows.slice(0, last) })
    expect(codes(audit)).toEqual([`decision: entry ${last - 1}`])
    expect(audit.warnings.map(({ code }) => code)).toEqual(['not-attested', 'not-stopped'])
  })

  test('refuses a newer format, an unknown kind, an unknown member and text that is not canonical', async () => {
    const opened = edited(good, 0, (entry) => {
      entry.v = 2
    })
    const newer = await verify(rechained(good, opened))
    expect(codes(newer)).toEqual(['newer-format: entry 0'])
    expect(newer.faults[0]?.detail).toContain('update infrafabric')
    const at = find(good, 'time-passed')
    const unknown = edited(good, at, (entry) => {
      entry.kind = 'slept'
    })
    expect(codes(await verify(rechained(good, unknown)))[0]).toBe(`entry: entry ${at}`)
    const more = edited(good, at, (entry) => {
      entry.more = 1
    })
    expect(codes(await verify(rechained(good, more)))[0]).toBe(`entry: entry ${at}`)
    const spaced = good.rows.map(({ body }, position) => (position === at ? body.replace(',', ', ') : body))
    expect(codes(await verify(rechained(good, spaced)))[0]).toBe(`entry: entry ${at}`)
  })

  test('finds another session, a second opening and an empty journal', async () => {
    expect(codes(await verify({ ...good, session: 'other-1' }))).toContain('wrong-session: entry 0')
    const bodies = good.rows.map(({ body }) => body)
    expect(codes(await verify(rechained(good, bodies.toSpliced(2, 0, bodies[0] ?? ''))))).toContain(
      'entry: entry 2',
    )
    expect(codes(await verify({ ...good, rows: [] }))).toEqual(['entry: entry 0'])
  })

  test('warns of a clock that went back', async () => {
    const at = find(good, 'time-passed')
    const bodies = edited(good, at, (entry) => {
      entry.at = Number(entry.at) - 60_000
    })
    const audit = await verify(rechained(good, bodies))
    expect(audit.warnings[0]).toMatchObject({ code: 'clock', where: `entry ${at}` })
  })

  test('keeps the first hundred findings and counts them all', async () => {
    const rows = Array.from({ length: 500 }, () => ({ seq: 7, hash: 'x', body: '{}' }))
    const audit = await verify({ ...good, rows })
    expect(audit.faults).toHaveLength(100)
    expect(audit.faultsTotal).toBeGreaterThanOrEqual(500)
  })
})

describe('who ran it', () => {
  test('tells a session run and signed by somebody else only by the operator that was asked for', async () => {
    const forged = await evidenceSession({ operator: generateSigner() })
    expect((await verify(forged)).ok).toBe(true)
    const audit = await verify(forged, { operatorFingerprint: good.fingerprint })
    expect(codes(audit)).toEqual(['operator: entry 0'])
    expect(audit.operatorFingerprint).toBe(forged.fingerprint)
    expect(audit.operatorFingerprint).not.toBe(good.fingerprint)
  })

  test("finds an operator's key that was put in the place of another", async () => {
    const key = Buffer.from(generateSigner().publicKey).toString('base64')
    const bodies = edited(good, 0, (entry) => {
      entry.operatorKey = key
    })
    expect(codes(await verify(rechained(good, bodies)))[0]).toMatch(/^grant: entry \d+, grant 1$/)
    const small = edited(good, 0, (entry) => {
      entry.operatorKey = Buffer.from([1, ...new Uint8Array(31)]).toString('base64')
    })
    expect(codes(await verify(rechained(good, small)))).toEqual(['entry: entry 0'])
  })

  test('finds a grant that was changed, and one left out', async () => {
    const at = find(good, 'granted')
    const forged = edited(good, at, (entry) => {
      const [first, ...rest] = entry.grants as string[]
      entry.grants = [(first ?? '').replace('"inform"', '"inform","request"'), ...rest]
    })
    expect(codes(await verify(rechained(good, forged)))[0]).toBe(`grant: entry ${at}, grant 1`)
    const left = edited(good, at, (entry) => {
      entry.grants = []
    })
    expect(codes(await verify(rechained(good, left)))[0]).toBe(`message: entry ${find(good, 'received')}`)
  })

  test('finds an epoch that does not increase', async () => {
    const at = find(good, 'epoch-started', 1)
    const bodies = edited(good, at, (entry) => {
      entry.epoch = 1
    })
    expect(codes(await verify(rechained(good, bodies)))[0]).toBe(`epoch: entry ${at}`)
  })

  test('finds a checkpoint signed by somebody else', async () => {
    const at = good.rows.length - 1
    const bodies = edited(good, at, (entry) => {
      const { signature: _, ...checkpoint } = JSON.parse(entry.checkpoint as string) as JsonObject
      const signer = generateSigner()
      const forged = { ...checkpoint, key_id: signer.keyId }
      type Sealed = Parameters<typeof sealCheckpoint>[0]
      entry.checkpoint = sealCheckpoint(forged as unknown as Sealed, signer, nodePrimitives)
    })
    expect(codes(await verify(rechained(good, bodies)))).toEqual([`checkpoint: entry ${at}`])
  })
})

describe('messages and decisions', () => {
  test('finds a result that stands there twice', async () => {
    const at = find(good, 'received')
    const bodies = good.rows.map(({ body }) => body)
    const audit = await verify(rechained(good, bodies.toSpliced(at + 1, 0, bodies[at] ?? '')))
    expect(codes(audit)[0]).toBe(`replay: entry ${at + 1}`)
    expect(audit.faults[0]?.detail).toContain('duplicate')
  })

  test('finds a changed message, and one received at a time that is not its own', async () => {
    const at = find(good, 'received')
    const changed = edited(good, at, (entry) => {
      entry.message = (entry.message as string).replace('"seq":1', '"seq":2')
    })
    expect(codes(await verify(rechained(good, changed)))[0]).toBe(`message: entry ${at}`)
    const late = edited(good, at, (entry) => {
      entry.at = Number(entry.at) + 600_000
    })
    const audit = await verify(rechained(good, late))
    expect(audit.faults[0]).toMatchObject({ code: 'replay', where: `entry ${at}` })
    expect(audit.faults[0]?.detail).toContain('stale')
  })

  test('finds a message that was decided and not sent, and one sent in a place that is not its own', async () => {
    const at = find(good, 'sent')
    const bodies = good.rows.map(({ body }) => body)
    const audit = await verify(rechained(good, bodies.toSpliced(at, 1)))
    expect(codes(audit)).toContain(`decision: entry ${find(good, 'sent', 1) - 1}`)
    const twice = await verify(rechained(good, bodies.toSpliced(at, 0, bodies[at] ?? '')))
    expect(codes(twice)).toContain(`decision: entry ${at + 1}`)
    expect(codes(twice)).toContain(`replay: entry ${at + 1}`)
  })

  test('finds other terms than those under which the coordinator decided', async () => {
    const bodies = edited(good, 0, (entry) => {
      const mission = entry.mission as JsonObject
      mission.attemptTimeoutMs = 1
    })
    const audit = await verify(rechained(good, bodies))
    expect(audit.faults[0]).toMatchObject({ code: 'decision', where: `entry ${find(good, 'sent')}` })
    expect(audit.faults[0]?.detail).toContain('content, expires_at')
  })

  test('finds a claim-checked content that is gone, changed, or not canonical', async () => {
    const wire = good.rows.find(({ body }) => body.includes('"received"') && body.includes('claim_check'))
    const sha256 = /\\"sha256\\":\\"([0-9a-f]{64})/.exec(wire?.body ?? '')?.[1] ?? ''
    const key = `evidence/${sha256.slice(0, 2)}/${sha256}`
    const content = good.objects.get(key)
    if (wire === undefined || content === undefined) throw new Error('no claim check')
    for (const bytes of [undefined, content.with(5, 0), content.subarray(1)]) {
      const objects = new Map(good.objects)
      if (bytes === undefined) objects.delete(key)
      else objects.set(key, bytes)
      const audit = await verify({ ...good, objects })
      expect(codes(audit)[0]).toBe(`claim-check: entry ${wire.seq}`)
      expect(audit.phase).toBeNull()
    }
  })
})

describe('evidence', () => {
  test('finds original bytes that were changed or are gone, and a changed text', async () => {
    const hash = sha256Hex(utf8(SURVEY), nodePrimitives)
    const where = `evidence: evidence sha256:${hash}`
    const objects = new Map(good.objects).set(keyOf(SURVEY), utf8(SURVEY.replace('12 May', '13 May')))
    expect(codes(await verify({ ...good, objects }))).toEqual([where])
    objects.delete(keyOf(SURVEY))
    expect(codes(await verify({ ...good, objects }))).toEqual([where])
    const key = keyOf(canonicalize(textDocument('survey.txt', SURVEY) as unknown as Json))
    const text = new Map(good.objects).set(key, utf8('{}'))
    const audit = await verify({ ...good, objects: text })
    expect(codes(audit)[0]).toBe(where)
    expect(codes(audit)).toContain('quote: task engines, claim 1, quote 1')
  })

  test('finds evidence exchanged for other evidence that would bear out the claim', async () => {
    const at = find(good, 'evidence-added')
    const text = 'The mast is made of wood.'
    const document = canonicalize(textDocument('survey.txt', text) as unknown as Json)
    const bodies = edited(good, at, (entry) => {
      const [record] = entry.sources as JsonObject[]
      if (record === undefined) throw new Error('no source')
      record.sha256 = sha256Hex(utf8(text), nodePrimitives)
      record.bytes = text.length
      record.document = sha256Hex(utf8(document), nodePrimitives)
    })
    const objects = new Map(good.objects).set(keyOf(text), utf8(text)).set(keyOf(document), utf8(document))
    const audit = await verify({ ...rechained(good, bodies), objects })
    expect(codes(audit)).toEqual([`checkpoint: entry ${good.rows.length - 1}`])
  })

  test('finds a document that belongs to another source, and one that its reader does not give', async () => {
    const at = find(good, 'evidence-added')
    const swapped = edited(good, at, (entry) => {
      const [one, other] = entry.sources as JsonObject[]
      if (one === undefined || other === undefined) throw new Error('no source')
      one.document = other.document as string
    })
    expect(codes(await verify(rechained(good, swapped)))).toContain(
      `evidence: evidence sha256:${sha256Hex(utf8(SURVEY), nodePrimitives)}`,
    )
    const audit = await verify(good, {
      readDocument: async (source) => textDocument(source.name, `${INVOICE} And more.`),
    })
    expect(codes(audit).every((one) => one.startsWith('reader: evidence'))).toBe(true)
    expect(audit.faults).toHaveLength(2)
    const skipped = await verify(good, { readDocument: async () => null })
    expect(skipped).toMatchObject({ ok: true, readers: { repeated: 0, skipped: 2 } })
  })

  test('compares a report with what follows from the session', async () => {
    const { report } = good
    const told = (change: (report: JsonObject) => void): Uint8Array => {
      const changed = JSON.parse(report) as JsonObject
      change(changed)
      return utf8(JSON.stringify(changed))
    }
    expect((await verify(good, { report: utf8(report) })).faults).toEqual([])
    const lie = told(({ claims }) => {
      const wood = (claims as JsonObject[])[1]
      if (wood !== undefined) wood.status = 'verified'
    })
    const forged = await verify(good, { report: lie })
    expect(codes(forged)).toEqual(['report: report.json, claims, 2'])
    expect(forged.faults[0]?.detail).toBe('it is called verified; it is unverified')
    const hidden = told((changed) => {
      changed.claims = (changed.claims as JsonObject[]).slice(0, 1)
    })
    expect(codes(await verify(good, { report: hidden }))).toEqual(['report: report.json, claims, 2'])
    const added = told(({ claims }) => {
      ;(claims as JsonObject[]).push({ text: 'Made up.', status: 'verified' })
    })
    expect(codes(await verify(good, { report: added }))).toEqual(['report: report.json, claims, 3'])
    const counted = told(({ counts }) => {
      ;(counts as JsonObject).verified = 7
    })
    expect(codes(await verify(good, { report: counted }))).toEqual(['report: report.json, counts.verified'])
    const other = told(({ record }) => {
      const about = record as JsonObject
      about.session = 'audited-2'
      about.fingerprints = { operator: '0'.repeat(64), journalHead: good.rows.at(-1)?.hash ?? '', entries: 3 }
    })
    expect(codes(await verify(good, { report: other }))).toEqual([
      'report: report.json, record.session',
      'report: report.json, record.fingerprints.operator',
      'report: report.json, record.fingerprints.entries',
    ])
    expect(codes(await verify(good, { report: utf8('{') }))).toEqual(['report: report.json'])
    const newer = await verify(good, { report: utf8('{"v":2}') })
    expect(newer).toMatchObject({ ok: true, warnings: [{ code: 'report' }] })
  })
})
