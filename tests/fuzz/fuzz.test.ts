import { expect, test } from 'vitest'
import { decoders, inputsOf } from './decoders.ts'
import { fuzzDecoder } from './fuzz-decoder.ts'

/** Of all decoders together. `npm run fuzz` runs any number, and replays an input that failed. */
const total = Number(process.env.FUZZ_INPUTS ?? 60_000)
const seed = process.env.FUZZ_SEED ?? '1'

test.each(decoders.map((decoder) => [decoder.name, decoder] as const))(
  'the decoder "%s" holds its promises on mutants',
  async (_, decoder) => {
    const count = inputsOf(decoder, decoders, total)
    const result = await fuzzDecoder(decoder, { seed, count })
    expect(result.failures).toEqual([])
    expect(result.accepted + result.refused).toBe(count)
    // Nothing would be tried if every mutant were refused at once, or none.
    if (count >= 300) expect(Math.min(result.accepted, result.refused)).toBeGreaterThan(0)
  },
  300_000,
)
