import { crc32 } from 'node:zlib'
import {
  canonicalize,
  fromBase64,
  isJsonObject,
  type JsonObject,
  type Primitives,
  parseCanonical,
  preAuthenticationEncoding,
  type Sha256,
  type Signer,
  smallOrderKey,
  toBase64,
  utf8,
} from '@infrafabric/protocol'
import { textOf } from '../claim-check.ts'
import { hash, nullable, object, oneOf, text, whole } from '../shape.ts'
import { SEAL } from './members.ts'
import { BLOCK_BYTES, TAR_END, tarHeader } from './tar.ts'

const EXPORT_PAYLOAD_TYPE = 'application/vnd.infrafabric.export.v1+json'

/** What the last file of an export says of all the bytes before it. */
export interface Seal {
  v: 1
  session: string
  /** The compressed bytes before the seal. */
  archive_bytes: number
  archive_sha256: Sha256
  manifest_sha256: Sha256
  /** The operator's, over all of the above; null when whoever exported does not have the operator's key. */
  signature: { algorithm: 'ed25519'; public_key: string; signature_bytes: string } | null
}

/** `seal.json` is filled with blanks to this length, so that the seal is always found at the same place. */
const TEXT_BYTES = 2 * BLOCK_BYTES
const TAR_BYTES = BLOCK_BYTES + TEXT_BYTES + TAR_END.length
/** No file name, no time, operating system unknown. */
const GZIP_HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
/** A last block of stored bytes: the seal is not compressed, so there is one way to write it. */
const STORED = [1, TAR_BYTES & 255, TAR_BYTES >> 8, ~TAR_BYTES & 255, (~TAR_BYTES >> 8) & 255]
const TEXT_AT = GZIP_HEADER.length + STORED.length + BLOCK_BYTES
/** An export ends in exactly so many bytes of seal: a gzip member of its own. */
export const SEAL_BYTES = GZIP_HEADER.length + STORED.length + TAR_BYTES + 8

export function signSeal(seal: Omit<Seal, 'signature'>, operator: Signer | null): Seal {
  if (operator === null) return { ...seal, signature: null }
  const signature = {
    algorithm: 'ed25519' as const,
    public_key: toBase64(operator.publicKey),
    signature_bytes: toBase64(operator.sign(payloadOf(seal))),
  }
  return { ...seal, signature }
}

function payloadOf(seal: Omit<Seal, 'signature'>): Uint8Array {
  const body = utf8(canonicalize(seal as unknown as JsonObject))
  return preAuthenticationEncoding(EXPORT_PAYLOAD_TYPE, body)
}

/** The raw key whose signature the seal bears; `undefined` when it bears none, or a bad one. */
export function sealSigner(seal: Seal, primitives: Primitives): Uint8Array | undefined {
  const { signature, ...signed } = seal
  if (signature === null) return undefined
  const key = fromBase64(signature.public_key)
  const bytes = fromBase64(signature.signature_bytes)
  if (key === undefined || bytes?.length !== 64 || smallOrderKey(key)) return undefined
  return primitives.verify(key, payloadOf(signed), bytes) ? key : undefined
}

/** The seal as it stands at the end of the file. */
export function encodeSeal(seal: Seal): Uint8Array {
  return encodeText(canonicalize(seal as unknown as JsonObject))
}

function encodeText(canonical: string): Uint8Array {
  const filled = utf8(`${canonical.padEnd(TEXT_BYTES - 1)}\n`)
  if (filled.length !== TEXT_BYTES) throw new RangeError('the seal is too long')
  const tar = Buffer.concat([tarHeader(SEAL, TEXT_BYTES), filled, TAR_END])
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc32(tar), 0)
  trailer.writeUInt32LE(tar.length, 4)
  return Buffer.concat([Buffer.from([...GZIP_HEADER, ...STORED]), tar, trailer])
}

const shape = object({
  v: whole,
  session: text(100),
  archive_bytes: whole,
  archive_sha256: hash,
  manifest_sha256: hash,
  signature: nullable(
    object({ algorithm: oneOf('ed25519'), public_key: text(44), signature_bytes: text(88) }),
  ),
})

export type SealRead = { ok: true; seal: Seal } | { ok: false; found: boolean; detail: string }

/** Reads the last bytes of a file; they must be, byte for byte, what `encodeSeal` writes. */
export function readSeal(tail: Uint8Array): SealRead {
  if (tail.length !== SEAL_BYTES)
    return { ok: false, found: false, detail: 'the file is too short to be an export' }
  const filled = textOf(tail.subarray(TEXT_AT, TEXT_AT + TEXT_BYTES))
  const canonical = filled?.trimEnd()
  if (canonical === undefined || !canonical.startsWith('{"archive_')) {
    return {
      ok: false,
      found: false,
      detail: 'the file does not end in a seal: it was cut off, or bytes were added',
    }
  }
  const refuse = (detail: string): SealRead => ({ ok: false, found: true, detail })
  const parsed = parseCanonical(canonical)
  if (!parsed.ok) return refuse(parsed.detail)
  if (!isJsonObject(parsed.value)) return refuse('not an object')
  const fault = shape(parsed.value) ?? (parsed.value.v === 1 ? undefined : 'v: not 1')
  if (fault !== undefined) return refuse(fault)
  const expected = encodeText(canonical)
  const differs = tail.findIndex((byte, at) => byte !== expected[at])
  if (differs >= 0) return refuse(`its byte ${differs} is not as an export has it`)
  return { ok: true, seal: parsed.value as unknown as Seal }
}
