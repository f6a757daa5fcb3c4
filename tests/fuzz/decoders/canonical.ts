import { readFileSync } from 'node:fs'
import { canonicalize, type Json, parseCanonical } from '@infrafabric/protocol'
import writeCanonical from 'canonicalize'
import { type Decoder, demand, type Target } from '../decoder.ts'
import { mutateJson, mutateJsonText } from '../mutate-json.ts'
import { mutateText, ODD_NUMBERS, ODD_TEXTS } from '../mutate-text.ts'
import { canonicalOutcome } from '../oracle/protocol-oracle.ts'
import type { Random } from '../random.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../../docs/protocol/vectors/canonical.json', import.meta.url), 'utf8'),
) as { canonical: string[]; not_canonical: { text: string }[] }
const seeds = [...vectors.canonical, ...vectors.not_canonical.map(({ text }) => text)]

function generate(random: Random): string {
  switch (random.below(6)) {
    case 0:
      return mutateJsonText(random, random.pick(seeds), seeds)
    case 1:
      return mutateText(random, random.pick(seeds), seeds)
    case 2:
      return numberText(random)
    case 3:
      return mutateJsonText(random, canonicalOr(random, anyJson(random, 4)), seeds)
    default:
      return canonicalOr(random, mutateJson(random, anyJson(random, 4)))
  }
}

/** Mostly canonical, so that acceptance is tried as often as refusal. */
function canonicalOr(random: Random, value: Json): string {
  try {
    if (random.chance(0.8)) return writeCanonical(value) ?? ''
  } catch {
    // It holds what canonical JSON cannot say.
  }
  return JSON.stringify(value)
}

function anyJson(random: Random, depth: number): Json {
  const kind = random.below(depth > 0 ? 7 : 5)
  if (kind === 0) return random.pick([null, true, false])
  if (kind <= 2) return anyNumber(random)
  if (kind <= 4)
    return `${random.pick(ODD_TEXTS)}${random.pick(ODD_TEXTS)}${String.fromCharCode(random.below(0x10000))}`
  const size = random.below(6)
  if (kind === 5) return Array.from({ length: size }, () => anyJson(random, depth - 1))
  const members = Array.from({ length: size }, () => [
    `${random.pick(ODD_TEXTS)}${random.below(30)}`,
    anyJson(random, depth - 1),
  ])
  return Object.fromEntries(members) as Json
}

function anyNumber(random: Random): number {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setUint32(0, random.below(2 ** 32))
  bits.setUint32(4, random.below(2 ** 32))
  const number = random.chance(0.5)
    ? bits.getFloat64(0)
    : random.below(2 ** 32) * 10 ** (random.below(40) - 20)
  return Number.isFinite(number) ? number : 0
}

function numberText(random: Random): string {
  const number = random.chance(0.3) ? random.pick(ODD_NUMBERS) : String(anyNumber(random))
  return random.chance(0.5) ? number : mutateText(random, number, ODD_NUMBERS)
}

function open(): Target {
  return {
    generate: (random) => ({ data: generate(random), resigned: false }),
    judge({ data }) {
      const text = String(data)
      const parsed = parseCanonical(text)
      const second = canonicalOutcome(text)
      demand(
        parsed.ok === (second === 'ok'),
        `judged ${parsed.ok ? 'ok' : parsed.code}, by the oracle ${second}`,
      )
      if (parsed.ok) {
        demand(canonicalize(parsed.value) === text, 'it is not written as it was read')
        demand(
          JSON.stringify(JSON.parse(text)) === JSON.stringify(parsed.value),
          'JSON.parse reads another value',
        )
        return 'accepted'
      }
      compareWriters(text)
      return 'refused'
    },
  }
}

/** A text that is JSON, but not canonical, must become the same canonical text by both implementations. */
function compareWriters(text: string): void {
  let value: Json
  try {
    value = JSON.parse(text)
  } catch {
    return
  }
  const ours = textOr(() => canonicalize(value))
  const theirs = textOr(() => writeCanonical(value))
  // The other implementation knows no limit of depth.
  if (ours === undefined && theirs !== undefined)
    demand(canonicalOutcome(theirs) !== 'ok', 'only the other one writes it')
  else demand(ours === theirs, 'the two write it differently')
}

function textOr(write: () => string | undefined): string | undefined {
  try {
    return write()
  } catch {
    return undefined
  }
}

export const canonicalDecoder: Decoder = { name: 'canonical', share: 0.18, hangMs: 10_000, open }
