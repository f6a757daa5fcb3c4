import { fromBase64, toBase64 } from '@infrafabric/protocol'
import { type Decoder, demand, type Target } from '../decoder.ts'
import { mutateText } from '../mutate-text.ts'
import type { Random } from '../random.ts'

function generate(random: Random): string {
  const bytes = Uint8Array.from({ length: random.below(80) }, () => random.below(256))
  const text = toBase64(bytes)
  if (random.chance(0.2)) return text
  if (random.chance(0.1)) return Buffer.from(bytes).toString('base64url')
  if (random.chance(0.3)) {
    // Another last letter: trailing bits that are not zero.
    const last = text.replace(/=*$/, '')
    return `${last.slice(0, -1)}${random.pick([...'ABCDwxyz0189+/-_='])}${text.slice(last.length)}`
  }
  return mutateText(random, text, ['====', '-_', 'AA==', ' \n'])
}

function open(): Target {
  return {
    generate: (random) => ({ data: generate(random), resigned: false }),
    judge({ data }) {
      const text = String(data)
      const bytes = fromBase64(text)
      // Buffer reads all sorts of junk; what it writes for the same bytes is the one right text.
      const lenient = Buffer.from(text, 'base64')
      const right = lenient.toString('base64') === text
      demand(
        (bytes !== undefined) === right,
        right ? 'a right text is refused' : 'a second text for the same bytes',
      )
      if (bytes === undefined) return 'refused'
      demand(lenient.equals(bytes), 'other bytes than Buffer reads')
      demand(toBase64(bytes) === text, 'it is not written as it was read')
      return 'accepted'
    },
  }
}

export const base64Decoder: Decoder = { name: 'base64', share: 0.1, hangMs: 5_000, open }
