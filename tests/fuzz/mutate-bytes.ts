import type { Random } from './random.ts'

const BYTES_MAX = 256 * 1024
const INTERESTING = [
  0, 1, 9, 10, 13, 32, 34, 39, 60, 62, 92, 123, 125, 127, 128, 0xc0, 0xed, 0xef, 0xfe, 0xff,
]

/** One to four changes: bits, bytes, runs, swaps, truncations, splices from `donors`, and words of `dictionary`. */
export function mutateBytes(
  random: Random,
  bytes: Uint8Array,
  donors: readonly Uint8Array[],
  dictionary: readonly string[] = [],
): Uint8Array {
  let mutant = bytes
  for (let left = 1 + random.below(4); left > 0; left--) mutant = changed(random, mutant, donors, dictionary)
  return mutant.length > BYTES_MAX ? mutant.subarray(0, BYTES_MAX) : mutant
}

function changed(
  random: Random,
  bytes: Uint8Array,
  donors: readonly Uint8Array[],
  dictionary: readonly string[],
): Uint8Array {
  const at = random.below(bytes.length + 1)
  const run = Math.min(bytes.length - at, 1 + random.below(random.chance(0.1) ? 2_000 : 16))
  switch (random.below(dictionary.length > 0 ? 11 : 9)) {
    case 0:
      return replaced(bytes, at, (byte) => byte ^ (1 << random.below(8)))
    case 1:
      return replaced(bytes, at, () => random.pick(INTERESTING))
    case 2:
      return replaced(bytes, at, () => random.below(256))
    case 3:
      return joined(bytes.subarray(0, at), bytes.subarray(at + run))
    case 4:
      return bytes.subarray(0, at)
    case 5: {
      const piece = bytes.subarray(at, at + run)
      const times = 1 + random.below(random.chance(0.05) ? 400 : 3)
      return joined(bytes.subarray(0, at), ...Array<Uint8Array>(times).fill(piece), bytes.subarray(at))
    }
    case 6: {
      const donor = donors.length > 0 ? random.pick(donors) : bytes
      const from = random.below(donor.length + 1)
      const piece = donor.subarray(from, from + 1 + random.below(500))
      return joined(bytes.subarray(0, at), piece, bytes.subarray(random.chance(0.5) ? at : at + piece.length))
    }
    case 7: {
      const other = random.below(bytes.length + 1)
      const [first, second] = at < other ? [at, other] : [other, at]
      const size = Math.min(run, second - first, bytes.length - second)
      return joined(
        bytes.subarray(0, first),
        bytes.subarray(second, second + size),
        bytes.subarray(first + size, second),
        bytes.subarray(first, first + size),
        bytes.subarray(second + size),
      )
    }
    case 8: {
      const filler = Uint8Array.of(random.pick(INTERESTING))
      return joined(
        bytes.subarray(0, at),
        ...Array<Uint8Array>(1 + random.below(64)).fill(filler),
        bytes.subarray(at),
      )
    }
    default: {
      const word = Buffer.from(random.pick(dictionary))
      const times = random.chance(0.03) ? 1 + random.below(3_000) : 1 + random.below(2)
      return joined(bytes.subarray(0, at), ...Array<Uint8Array>(times).fill(word), bytes.subarray(at))
    }
  }
}

function replaced(bytes: Uint8Array, at: number, make: (byte: number) => number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  if (at < copy.length) copy[at] = make(copy[at] ?? 0)
  return copy
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}
