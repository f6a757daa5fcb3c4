import { agentIdOf, isAgentId, isSessionId, isTopic, parseName } from '@infrafabric/protocol'
import { type Decoder, demand, type Target } from '../decoder.ts'
import { mutateText } from '../mutate-text.ts'
import type { Random } from '../random.ts'

const seeds = [
  'if://agent/handover-7f3k/h01',
  'if://session/handover-7f3k',
  'if://conversation/handover-7f3k/engines',
  'if://message/handover-7f3k/h01/1.42',
  `if://evidence/sha256:${'0f'.repeat(32)}`,
  'if://topic/a/b/c#part:1~x',
  'if://did/a.b-c_d',
  'handover-7f3k',
  'h_01',
  'a',
]

const LETTER = /[A-Za-z0-9._~:-]/
const TYPES =
  'agent session conversation message topic citation claim evidence analysis decision did doc'.split(' ')

/** By the grammar of docs/protocol, character by character and without its regular expressions. */
function isName(text: string): boolean {
  if (text.length > 512 || !text.startsWith('if://')) return false
  const [path = '', ...fragments] = text.slice(5).split('#')
  const [type = '', ...segments] = path.split('/')
  if (!TYPES.includes(type) || segments.length === 0 || fragments.length > 1) return false
  return fragments.every(isSegment) && segments.every((one) => isSegment(one) && one !== '.' && one !== '..')
}

function isSegment(text: string): boolean {
  return text.length >= 1 && text.length <= 128 && text.split('').every((one) => LETTER.test(one))
}

function isId(text: string, inside: string): boolean {
  const plain = (one: string): boolean => 'abcdefghijklmnopqrstuvwxyz0123456789'.includes(one) && one !== ''
  return (
    text.length >= 1 &&
    text.length <= 63 &&
    plain(text.charAt(0)) &&
    plain(text.charAt(text.length - 1)) &&
    text.split('').every((one) => plain(one) || inside.includes(one))
  )
}

function generate(random: Random): string {
  const text = mutateText(random, random.pick(seeds), seeds)
  return random.chance(0.05)
    ? `${text}${random.pick(['a', '/', '-', '.', '#']).repeat(random.below(600))}`
    : text
}

function open(): Target {
  return {
    generate: (random) => ({ data: generate(random), resigned: false }),
    judge({ data }) {
      const text = String(data)
      const name = parseName(text)
      demand((name !== undefined) === isName(text), 'parseName and the grammar differ')
      demand(isSessionId(text) === isId(text, '-'), 'isSessionId and the grammar differ')
      demand(isAgentId(text) === isId(text, '-_'), 'isAgentId and the grammar differ')
      demand(
        isTopic(text) === (isSegment(text) && text !== '.' && text !== '..'),
        'isTopic and the grammar differ',
      )
      const agent = agentIdOf(text, 'handover-7f3k')
      const prefix = 'if://agent/handover-7f3k/'
      demand(
        (agent !== undefined) === (text.startsWith(prefix) && isId(text.slice(prefix.length), '-_')),
        'agentIdOf',
      )
      if (name === undefined) return 'refused'
      const again = `if://${name.type}/${name.segments.join('/')}${name.fragment === null ? '' : `#${name.fragment}`}`
      demand(again === text, 'it is not written as it was read')
      return 'accepted'
    },
  }
}

export const nameDecoder: Decoder = { name: 'name', share: 0.1, hangMs: 5_000, open }
