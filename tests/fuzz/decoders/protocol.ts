import {
  canonicalize,
  type Json,
  type JsonObject,
  PAYLOAD_TYPES,
  ProtocolError,
  verifyCheckpoint,
} from '@infrafabric/protocol'
import { primitives } from '../../../packages/protocol/scripts/cast.ts'
import { type Decoder, demand, type Input, type Target } from '../decoder.ts'
import { mutateJson, mutateJsonText } from '../mutate-json.ts'
import { ODD_NUMBERS } from '../mutate-text.ts'
import type { Random } from '../random.ts'
import {
  freshGrants,
  goldenCheckpoints,
  goldenMessages,
  openScene,
  type Scene,
  sceneGrants,
  signAgain,
} from './scene.ts'

const everyWire = [...goldenMessages, ...sceneGrants, ...freshGrants, ...goldenCheckpoints]
const everyValue = everyWire.map((wire) => JSON.parse(wire) as Json)
const types = Object.values(PAYLOAD_TYPES)

interface Signed {
  goldens: readonly string[]
  type: string
  /** Our verdict and the oracle's; `text`: what was accepted, written again. */
  verdicts(scene: Scene, wire: string): { ours: string; oracle: string; text?: string }
  /** Whether an accepted input changes the scene. */
  changes: boolean
}

/** A golden object changed in its tree or in its text, now and then a bomb, and a tenth of them signed again. */
function generate(random: Random, { goldens, type }: Signed): Input {
  if (random.chance(0.002)) return { data: random.pick(goldens), resigned: false }
  if (random.chance(0.002)) return { data: bomb(random), resigned: false }
  const golden = random.pick(random.chance(0.97) ? goldens : everyWire)
  const tree = (): Json => mutateJson(random, JSON.parse(golden) as Json, everyValue)
  if (random.chance(0.1)) {
    const { signature: _, ...body } = random.chance(0.15)
      ? (JSON.parse(golden) as JsonObject)
      : objectOf(tree())
    try {
      return { data: signAgain(random, body, type, types), resigned: true }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
    }
  }
  if (random.chance(0.5)) return { data: mutateJsonText(random, golden, everyWire), resigned: false }
  const value = tree()
  try {
    return { data: canonicalize(value, 500), resigned: false }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { data: JSON.stringify(value), resigned: false }
  }
}

function objectOf(value: Json): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { v: value }
}

function bomb(random: Random): string {
  const size = random.pick([4_000, 70_000, 300_000])
  const piece = random.pick([
    '[',
    '{"a":',
    '[[]',
    '"',
    '\\u0000',
    '€',
    '\ud800',
    ' ',
    random.pick(ODD_NUMBERS),
  ])
  return piece.repeat(Math.ceil(size / piece.length))
}

function target(signed: Signed): Target {
  let scene = openScene()
  const { changes } = signed
  return {
    generate: (random) => generate(random, signed),
    judge({ data, resigned }) {
      const wire = String(data)
      const { ours, oracle, text } = signed.verdicts(scene, wire)
      if (changes && (ours === 'ok' || oracle === 'ok')) scene = openScene()
      demand(ours === oracle, `judged ${ours}, and by the oracle ${oracle}`)
      if (ours !== 'ok') return 'refused'
      demand(resigned || everyWire.includes(wire), 'a mutant of a signed object was accepted')
      demand(text === undefined || text === wire, 'what was accepted is not the text that was sent')
      return 'accepted'
    },
  }
}

function codeOf(verdict: { ok: true } | { ok: false; code: string }): string {
  return verdict.ok ? 'ok' : verdict.code
}

const message: Signed = {
  goldens: goldenMessages,
  type: PAYLOAD_TYPES.message,
  changes: false,
  verdicts({ verifier, oracle }, wire) {
    const verdict = verifier.verify(wire)
    if (!verdict.ok) return { ours: verdict.code, oracle: oracle.verify(wire) }
    const { wire: verified, digest: _, ...members } = verdict.message
    demand(verified === wire, 'the verified text is another one')
    return { ours: 'ok', oracle: oracle.verify(wire), text: canonicalize(members as unknown as Json) }
  },
}

const grant: Signed = {
  goldens: [...sceneGrants, ...freshGrants],
  type: PAYLOAD_TYPES.grant,
  changes: true,
  verdicts: ({ registry, oracle }, wire) => ({
    ours: codeOf(registry.admit(wire)),
    oracle: oracle.admit(wire),
  }),
}

const checkpoint: Signed = {
  goldens: goldenCheckpoints,
  type: PAYLOAD_TYPES.checkpoint,
  changes: false,
  verdicts: ({ registry, oracle }, wire) => ({
    ours: codeOf(verifyCheckpoint(wire, { registry, primitives })),
    oracle: oracle.attest(wire),
  }),
}

export const messageDecoder: Decoder = {
  name: 'message',
  share: 0.17,
  hangMs: 10_000,
  open: () => target(message),
}
export const grantDecoder: Decoder = { name: 'grant', share: 0.09, hangMs: 10_000, open: () => target(grant) }
export const checkpointDecoder: Decoder = {
  name: 'checkpoint',
  share: 0.07,
  hangMs: 10_000,
  open: () => target(checkpoint),
}
