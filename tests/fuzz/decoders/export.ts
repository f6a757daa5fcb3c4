import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { verifyExport } from '@infrafabric/audit'
import { type Sha256, sha256Hex } from '@infrafabric/protocol'
import { nodePrimitives } from '@infrafabric/runtime'
import { encodeSeal, SEAL_BYTES, signSeal } from '../../../packages/audit/src/export/seal.ts'
import { type Decoder, demand, type Target } from '../decoder.ts'
import { mutateBytes } from '../mutate-bytes.ts'
import type { Random } from '../random.ts'
import { exportOf, openCorpus, type SessionCorpus } from './session-corpus.ts'

const WORDS = [
  'objects/',
  '../',
  'seal.json',
  'manifest.json',
  'journal.jsonl',
  'ustar',
  '\0\0',
  '00000000000',
  '"v":1',
]
/** Of all it unpacks to: so that a bomb costs a test little. */
const BYTES_MAX = 32 * 1024 * 1024

/** Packs and seals changed contents as the operator could: only what is inside can then be wrong. */
function sealedAgain(tar: Uint8Array, { session, operator }: SessionCorpus): Buffer {
  const packed = gzipSync(tar)
  packed[9] = 255
  const manifest = tar.subarray(tar.lastIndexOf(0x7b, Math.max(0, tar.length - 512)))
  const hash = (bytes: Uint8Array): Sha256 => sha256Hex(bytes, nodePrimitives)
  const seal = signSeal(
    {
      v: 1,
      session,
      archive_bytes: packed.length,
      archive_sha256: hash(packed),
      manifest_sha256: hash(manifest),
    },
    operator,
  )
  return Buffer.concat([packed, encodeSeal(seal)])
}

function bomb(random: Random): Buffer {
  return gzipSync(Buffer.alloc(random.pick([1, 40, 200]) * 1024 * 1024))
}

async function open(saved?: string): Promise<Target> {
  const corpus = await openCorpus(saved)
  const golden = await exportOf(corpus)
  const packed = golden.subarray(0, golden.length - SEAL_BYTES)
  const tar = gunzipSync(packed)
  const folder = mkdtempSync(join(tmpdir(), 'infrafabric-fuzz-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'session.tar.gz')
  return {
    corpus: corpus.saved,
    generate(random) {
      if (random.chance(0.01)) return { data: golden, resigned: false }
      if (random.chance(0.005)) return { data: bomb(random), resigned: false }
      if (random.chance(0.3)) {
        return { data: sealedAgain(mutateBytes(random, tar, [tar], WORDS), corpus), resigned: true }
      }
      return { data: mutateBytes(random, golden, [golden, tar], WORDS), resigned: false }
    },
    async judge({ data }) {
      const bytes = data as Uint8Array
      writeFileSync(file, bytes)
      const audit = await verifyExport({ file, primitives: nodePrimitives, bytesMax: BYTES_MAX })
      demand(audit.ok === (audit.faultsTotal === 0), 'ok, and yet faults')
      if (golden.equals(bytes)) {
        demand(audit.ok, `the export as it was made is refused: ${audit.faults[0]?.detail}`)
        return 'accepted'
      }
      // Compressed anew, the same contents may stand in other bytes; sealed by the operator, that is good.
      const same = (): boolean => tar.equals(unpacked(bytes))
      demand(!audit.ok || same(), 'a changed export is accepted')
      return audit.ok ? 'accepted' : 'refused'
    },
  }
}

function unpacked(bytes: Uint8Array): Uint8Array {
  return gunzipSync(bytes.subarray(0, bytes.length - SEAL_BYTES))
}

export const exportDecoder: Decoder = { name: 'export', share: 0.003, hangMs: 20_000, open }
