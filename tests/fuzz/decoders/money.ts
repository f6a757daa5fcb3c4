import { parsePriceOption } from '@infrafabric/costs/parse-price'
import { formatDuration, formatUsd, MoneyError, parseDuration, parseUsd } from '@infrafabric/session'
import { type Decoder, demand, type Judgement, type Target } from '../decoder.ts'
import { mutateText, ODD_NUMBERS } from '../mutate-text.ts'
import type { Random } from '../random.ts'

const amounts = [
  '1.00',
  '$0.05',
  '0.001234',
  '1000000',
  '$12.5',
  '1e-3',
  '2.5E2',
  '0',
  '9007199254.740991',
  '5e0',
]
const durations = ['90s', '10m', '1h30m', '500ms', '1d', '0s', '1d2h3m4s5ms']
const prices = [
  'anthropic/claude-haiku-4-5=input:1.00,output:5.00',
  'openai-compatible/our-own=input:0.10,output:0.40,cache_read:0.01,cache_write:0.10',
  'lab/x=input:1e-3,output:$5',
]

/** Micro-dollars by decimal digits alone; undefined: no amount, or one that is finer or larger than can be counted. */
function microsOf(text: string): number | undefined {
  const plain = text.trim().replace(/^\$/, '')
  const [mantissa = '', exponent, ...more] = plain.toLowerCase().split('e')
  const [whole = '', fraction, ...rest] = mantissa.split('.')
  const digits = (one: string): boolean =>
    one !== '' && one.split('').every((each) => '0123456789'.includes(each))
  if (more.length > 0 || rest.length > 0 || !digits(whole)) return undefined
  if (fraction !== undefined && !digits(fraction)) return undefined
  const power = exponent?.replace(/^[+-]/, '')
  if (power !== undefined && (!digits(power) || power.length > 3)) return undefined
  const point = whole.length + Number(exponent ?? 0) + 6
  const all = `${whole}${fraction ?? ''}`
  if (point > 0 && /[1-9]/.test(all.slice(point))) return undefined
  if (point <= 0 && /[1-9]/.test(all)) return undefined
  const micros = point <= 0 ? 0 : Number(all.slice(0, point).padEnd(Math.min(point, 2_000), '0'))
  return Number.isSafeInteger(micros) ? micros : undefined
}

function judgeAmount(text: string): Judgement {
  const expected = microsOf(text)
  try {
    const micros = parseUsd(text)
    demand(micros === expected, `read as ${micros}, by its digits ${expected}`)
    demand(parseUsd(formatUsd(micros)) === micros, 'it is not read back as it is written')
    return 'accepted'
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error
    demand(expected === undefined, `refused, though it is ${expected} micro-dollars: ${error.message}`)
    return 'refused'
  }
}

function judgeDuration(text: string): Judgement {
  const milliseconds = parseDuration(text)
  if (milliseconds === null) return 'refused'
  demand(
    Number.isSafeInteger(milliseconds) && milliseconds >= 0,
    `${milliseconds} is no number of milliseconds`,
  )
  demand(parseDuration(formatDuration(milliseconds)) === milliseconds, 'it is not read back as it is written')
  return 'accepted'
}

function openMoney(): Target {
  return {
    generate(random: Random) {
      const seeds = random.chance(0.7) ? amounts : durations
      const seed = random.chance(0.2) ? random.pick(ODD_NUMBERS) : random.pick(seeds)
      const text = random.chance(0.15) ? String(random.next() * 10 ** random.below(12)) : seed
      return { data: mutateText(random, text, [...amounts, ...durations, ...ODD_NUMBERS]), resigned: false }
    },
    judge({ data }) {
      const judged = [judgeAmount(String(data)), judgeDuration(String(data))]
      return judged.includes('accepted') ? 'accepted' : 'refused'
    },
  }
}

const PRICE_MEMBERS = ['input', 'output', 'cache_read', 'cache_write']

/** Whether the text names a model and, each once, members of a price with amounts, input and output among them. */
function isPrice(text: string): boolean {
  const at = text.indexOf('=')
  if (at < 1 || !text.slice(0, at).includes('/')) return false
  const pairs = text.slice(at + 1).split(',')
  const names = pairs.map((pair) => (pair.split(':')[0] ?? '').trim())
  return (
    pairs.every((pair) => pair.split(':').length === 2 && microsOf(pair.split(':')[1] ?? '') !== undefined) &&
    names.every((name) => PRICE_MEMBERS.includes(name)) &&
    new Set(names).size === names.length &&
    names.includes('input') &&
    names.includes('output')
  )
}

function openPrices(): Target {
  return {
    generate(random: Random) {
      const seed = random.pick(prices)
      const odd = ['__proto__', 'constructor', 'input', 'output', 'cache_read', 'Input', 'input ']
      const added = `,${random.pick(odd)}:${random.pick([...amounts, ...ODD_NUMBERS])}`
      const text = random.chance(0.3) ? `${seed}${added}` : seed
      return { data: random.chance(0.3) ? text : mutateText(random, text, prices), resigned: false }
    },
    judge({ data }) {
      const text = String(data)
      const parsed = parsePriceOption(text)
      demand(
        parsed.ok === isPrice(text),
        parsed.ok ? 'accepted, though it is no price' : `refused: ${parsed.faults[0]}`,
      )
      if (!parsed.ok) {
        demand(parsed.faults.length > 0, 'refused without a reason')
        return 'refused'
      }
      const { model, source: _, ...micros } = parsed.price
      demand(text.startsWith(`${model}=`), 'the price is of another model')
      for (const one of Object.values(micros))
        demand(Number.isSafeInteger(one) && one >= 0, `${one} is no amount`)
      return 'accepted'
    },
  }
}

export const moneyDecoder: Decoder = { name: 'money', share: 0.1, hangMs: 5_000, open: openMoney }
export const priceDecoder: Decoder = { name: 'price', share: 0.04, hangMs: 5_000, open: openPrices }
