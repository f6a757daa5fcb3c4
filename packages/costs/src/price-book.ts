import { formatUsd, type ModelPrice, parseUsd } from '@infrafabric/session'
import {
  calcPrice,
  findProvider,
  type MatchLogic,
  type ModelInfo,
  type TieredPrices,
} from '@pydantic/genai-prices'

export type PriceFound = { ok: true; price: ModelPrice } | { ok: false; reason: string }

export interface PriceOptions {
  /** The model runs on this machine, so its calls cost nothing (`LanguageModel.free`). */
  free?: boolean
  /** Prices that start on a date are taken as of this day. */
  at?: Date
}

/** The bundled data, and the day on which that version was published; a test compares it with what is installed. */
export const PRICE_BOOK = { package: '@pydantic/genai-prices', version: '0.1.8', published: '2026-09-23' }

/** Our provider names where the price book has another one. */
const PROVIDER_IN_BOOK: ReadonlyMap<string, string> = new Map([['bedrock', 'aws']])

const LOCAL_PROVIDERS: ReadonlySet<string> = new Set(['gguf', 'extractive'])

/**
 * The price of `provider/model`: the user's own where there is one, else from the price book, taking the dearest
 * tier and hour. A model that the book does not have by name has no price: a near name is not the same model.
 */
export function priceOf(
  model: string,
  overrides: Readonly<Record<string, ModelPrice>> = {},
  options: PriceOptions = {},
): PriceFound {
  const own = Object.hasOwn(overrides, model) ? overrides[model] : undefined
  if (own !== undefined) return { ok: true, price: own }
  const provider = model.split('/', 1)[0] ?? ''
  const name = model.slice(provider.length + 1)
  if (options.free === true || LOCAL_PROVIDERS.has(provider)) return { ok: true, price: freePrice(model) }
  const providerId = PROVIDER_IN_BOOK.get(provider) ?? provider
  if (name === '' || findProvider({ providerId })?.id !== providerId) return unknown(model)
  const found = calcPrice({ input_tokens: 1, output_tokens: 1 }, name, {
    providerId,
    timestamp: options.at ?? new Date(),
  })
  if (found === null) return unknown(model)
  if (!isNamed(found.model, name)) return unknown(model, `; the nearest name in it is "${found.model.id}"`)
  return fromBook(model, found.model, found.model_price)
}

function freePrice(model: string): ModelPrice {
  return { model, input: 0, cacheRead: 0, cacheWrite: 0, output: 0, source: 'this machine' }
}

function unknown(model: string, hint = ''): PriceFound {
  const book = `${PRICE_BOOK.package} ${PRICE_BOOK.version}`
  return {
    ok: false,
    reason: `the price of "${model}" is not known (${book}, ${PRICE_BOOK.published})${hint}; set it with --price ${model}=input:1.00,output:5.00 (US dollars per million tokens) or under "prices:" in the mission`,
  }
}

type BookPrices = Record<string, number | TieredPrices | undefined>

function fromBook(model: string, info: ModelInfo, active: BookPrices): PriceFound {
  if (active.requests_kcount !== undefined) {
    return {
      ok: false,
      reason: `"${model}" is charged by the request as well as by the token, which a budget cannot bound; set a price that covers both with --price`,
    }
  }
  const hourly = Array.isArray(info.prices)
    ? info.prices.filter(({ constraint }) => constraint?.type === 'time_of_date').map(({ prices }) => prices)
    : []
  const books = [active, ...hourly]
  const input = dearest(books, 'input_mtok')
  const output = dearest(books, 'output_mtok')
  if (input === undefined || output === undefined) return unknown(model)
  return {
    ok: true,
    price: {
      model,
      input,
      cacheRead: dearest(books, 'cache_read_mtok') ?? input,
      cacheWrite: dearest(books, 'cache_write_mtok') ?? input,
      output: Math.max(output, dearest(books, 'output_reasoning_mtok') ?? 0),
      source: `${PRICE_BOOK.package} ${PRICE_BOOK.version}, ${PRICE_BOOK.published}`,
    },
  }
}

function dearest(books: readonly BookPrices[], key: string): number | undefined {
  const prices = books.flatMap((book) => {
    const price = book[key]
    if (price === undefined) return []
    return typeof price === 'number' ? [price] : [price.base, ...price.tiers.map((tier) => tier.price)]
  })
  return prices.length === 0 ? undefined : Math.max(...prices.map(microsUp))
}

/** The book's figures are JavaScript numbers: read as the decimal they print as; a finer one is rounded up. */
function microsUp(dollars: number): number {
  const [whole = '0', fraction = ''] = String(dollars).split('.')
  if (fraction.length <= 6) return parseUsd(dollars)
  return parseUsd(`${whole}.${fraction.slice(0, 6)}`) + 1
}

const REGION = /^(?:regional|global|us|us-gov|eu|apac|au|jp|ca)\./
/** Dates, versions, and the `-0` and `-latest` that stand for one. */
const EDITION = /(?:-latest|-0|[-@]\d{8}|-\d{4}-\d{2}-\d{2})?(?:-v\d+(?::\d+)?)?$/

/** The book also matches by prefix, so that a model newer than it would pass for its predecessor. */
function isNamed(info: ModelInfo, name: string): boolean {
  const plain = (id: string): string => id.replace(REGION, '').replace(EDITION, '')
  return info.id === name || equalsLeaf(info.match, name) || plain(info.id) === plain(name)
}

function equalsLeaf(match: MatchLogic, name: string): boolean {
  if ('equals' in match) return match.equals === name
  if ('or' in match) return match.or.some((part) => equalsLeaf(part, name))
  return false
}

/** For people: `$1.00 in, $5.00 out per million tokens`. */
export function describePrice(price: ModelPrice): string {
  if (price.input === 0 && price.output === 0) return `free (${price.source})`
  return `${formatUsd(price.input)} in, ${formatUsd(price.output)} out per million tokens (${price.source})`
}
