import type { Decoder } from './decoder.ts'
import { base64Decoder } from './decoders/base64.ts'
import { canonicalDecoder } from './decoders/canonical.ts'
import { exportDecoder } from './decoders/export.ts'
import { journalDecoder } from './decoders/journal.ts'
import { missionDecoder } from './decoders/mission.ts'
import { moneyDecoder, priceDecoder } from './decoders/money.ts'
import { nameDecoder } from './decoders/names.ts'
import { checkpointDecoder, grantDecoder, messageDecoder } from './decoders/protocol.ts'
import { replyDecoder } from './decoders/reply.ts'
import { sourceDecoders } from './decoders/sources.ts'
import { urlDecoder } from './decoders/urls.ts'

export const decoders: readonly Decoder[] = [
  messageDecoder,
  grantDecoder,
  checkpointDecoder,
  canonicalDecoder,
  base64Decoder,
  nameDecoder,
  moneyDecoder,
  priceDecoder,
  missionDecoder,
  replyDecoder,
  journalDecoder,
  exportDecoder,
  urlDecoder,
  ...sourceDecoders,
]

/** Throws RangeError for a name that none has. */
export function decoderNamed(name: string): Decoder {
  const decoder = decoders.find((one) => one.name === name)
  if (decoder !== undefined) return decoder
  throw new RangeError(`no decoder "${name}"; there are ${decoders.map((one) => one.name).join(', ')}`)
}

/** How many of all inputs are the decoder's, when these are chosen. */
export function inputsOf(decoder: Decoder, chosen: readonly Decoder[], total: number): number {
  const shares = chosen.reduce((sum, one) => sum + one.share, 0)
  return Math.max(1, Math.round((total * decoder.share) / shares))
}
