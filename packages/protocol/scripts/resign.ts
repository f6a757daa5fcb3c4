import { canonicalize } from '../src/canonical.ts'
import {
  type Json,
  type JsonObject,
  PAYLOAD_TYPES,
  preAuthenticationEncoding,
  type Signer,
  toBase64,
  utf8,
} from '../src/index.ts'

/** Signs whatever it is given, right or wrong, as an attacker who holds the key would. */
export function resign(
  body: JsonObject,
  signer: Signer,
  options: { type?: string; publicKey?: Uint8Array; write?: (value: Json) => string } = {},
): string {
  const write = options.write ?? canonicalize
  const payload = preAuthenticationEncoding(options.type ?? PAYLOAD_TYPES.message, utf8(write(body)))
  return write({
    ...body,
    signature: {
      algorithm: 'ed25519',
      public_key: toBase64(options.publicKey ?? signer.publicKey),
      signature_bytes: toBase64(signer.sign(payload)),
    },
  })
}
