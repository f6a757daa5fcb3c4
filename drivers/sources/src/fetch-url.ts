import { lookup } from 'node:dns/promises'
import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { fetchProblem } from './fetch-problem.ts'
import { type Address, type AddressRules, publicAddresses, type Resolve } from './public-address.ts'
import { tooLarge } from './read-file.ts'
import type { RawSource } from './read-source.ts'
import { parseValue } from './readers/mime.ts'
import { SourceError } from './source.ts'

/** What only a test may set: it has no public server and no public certificate. */
export interface FetchOptions {
  resolve?: Resolve
  /** Certificates trusted beside none other, PEM. */
  ca?: string
  /** Connect to 127.0.0.0/8 and ::1, and to these by http as well. */
  allowLoopback?: boolean
}

export interface FetchLimits {
  /** Of the body, as sent and as unpacked. */
  bytesMax: number
  urlTimeoutMs?: number
  signal?: AbortSignal
  now?(): number
  fetch?: FetchOptions
}

const REDIRECTS_MAX = 5
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * One public https URL. Every host on the way is resolved once, checked, and connected to at just the addresses
 * that were checked. Nothing of the user is sent: no cookies, no credentials. Throws SourceError.
 */
export async function fetchUrl(name: string, limits: FetchLimits): Promise<RawSource> {
  const timeoutMs = limits.urlTimeoutMs ?? 20_000
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = limits.signal ? AbortSignal.any([timeout, limits.signal]) : timeout
  try {
    return await withRedirects(name, limits, signal)
  } catch (error) {
    limits.signal?.throwIfAborted()
    if (timeout.aborted)
      throw new SourceError(
        'slow',
        `${name} did not answer completely within ${timeoutMs / 1000} s. Try again later, or save the page as a file and name that.`,
      )
    throw fetchProblem(withoutCredentials(name), error)
  }
}

async function withRedirects(name: string, limits: FetchLimits, signal: AbortSignal): Promise<RawSource> {
  let url = checkedUrl(name, name, limits)
  for (let redirects = 0; ; redirects++) {
    const response = await ask(url, limits, signal)
    const status = response.statusCode ?? 0
    if (!REDIRECTS.has(status)) return await received(name, url, response, limits, signal)
    response.destroy()
    const { location } = response.headers
    if (location === undefined || !URL.canParse(location, url.href))
      throw new SourceError(
        'redirect',
        `${name} redirects, but not to an address. Open it in a browser and name where it leads.`,
      )
    if (redirects === REDIRECTS_MAX)
      throw new SourceError(
        'redirect',
        `${name} redirects more than ${REDIRECTS_MAX} times. Open it in a browser and name where it leads.`,
      )
    url = checkedUrl(new URL(location, url).href, name, limits)
  }
}

function checkedUrl(text: string, name: string, limits: FetchLimits): URL {
  if (!URL.canParse(text))
    throw new SourceError('unsupported', `${name} is not a valid URL. Write it as https://host/path.`)
  const url = new URL(text)
  const isRedirect = text !== name
  const plainAllowed = limits.fetch?.allowLoopback === true && url.protocol === 'http:'
  if (url.protocol !== 'https:' && (isRedirect || !plainAllowed)) {
    if (isRedirect)
      throw new SourceError(
        'redirect',
        `${name} redirects to ${url.protocol}//${url.host}, which is not https. Save the page as a file and name that.`,
      )
    throw new SourceError(
      'unsupported',
      `${name} is not an https URL. Write https://, or save the page as a file and name that.`,
    )
  }
  if (url.username !== '' || url.password !== '')
    throw new SourceError(
      'unsupported',
      `${withoutCredentials(url.href)} has a user name or password in it, which are never sent. Save the page as a file and name that.`,
    )
  url.hash = ''
  return url
}

/** As it may be shown: a password in an address must not get into a report. */
export function withoutCredentials(text: string): string {
  if (!URL.canParse(text)) return text
  const url = new URL(text)
  return url.username === '' && url.password === '' ? text : `${url.protocol}//${url.host}${url.pathname}`
}

async function ask(url: URL, limits: FetchLimits, signal: AbortSignal): Promise<IncomingMessage> {
  const allowLoopback = limits.fetch?.allowLoopback === true
  const rules: AddressRules = { resolve: limits.fetch?.resolve ?? resolveBySystem, allowLoopback }
  const addresses = await abortable(publicAddresses(url.hostname, rules), signal)
  const options = {
    signal,
    lookup: pinned(addresses),
    agent: false as const,
    headers: {
      'user-agent': 'InfraFabric',
      accept: 'text/html,text/markdown,text/plain,application/pdf,application/json,*/*;q=0.5',
      'accept-encoding': 'gzip, br',
    },
    ...(limits.fetch?.ca ? { ca: limits.fetch.ca } : {}),
  }
  return await new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:' ? requestSecure(url, options, resolve) : requestPlain(url, options, resolve)
    request.once('error', reject)
    request.end()
  })
}

async function resolveBySystem(host: string): Promise<Address[]> {
  const found = await lookup(host, { all: true, verbatim: true })
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
}

function pinned(addresses: Address[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses
    if (options.all) callback(null, addresses)
    else if (first) callback(null, first.address, first.family)
  }
}

/** A name server cannot be told to stop; its answer is not waited for. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (stop) signal.removeEventListener('abort', stop)
  }
}

async function received(
  name: string,
  url: URL,
  response: IncomingMessage,
  limits: FetchLimits,
  signal: AbortSignal,
): Promise<RawSource> {
  const status = response.statusCode ?? 0
  try {
    if (status < 200 || status >= 300)
      throw new SourceError(
        'http-status',
        `${name} answered ${status}${response.statusMessage ? ` ${response.statusMessage}` : ''}. ${statusRemedy(status)}`,
      )
    if (Number(response.headers['content-length'] ?? 0) > limits.bytesMax)
      throw tooLarge(name, limits.bytesMax + 1, limits.bytesMax)
    const bytes = await body(name, response, limits.bytesMax, signal)
    if (bytes.length === 0)
      throw new SourceError(
        'empty',
        `${name} answered with an empty page. Open it in a browser and check that it is the right address.`,
      )
    const { value, parameters } = parseValue(response.headers['content-type'] ?? '')
    const charset = parameters.get('charset')
    return {
      name,
      bytes,
      ...(value === '' ? {} : { mediaType: value }),
      ...(charset ? { charset } : {}),
      accessedAt: (limits.now ?? Date.now)(),
      finalUrl: url.href,
    }
  } finally {
    response.destroy()
  }
}

function statusRemedy(status: number): string {
  if (status === 401 || status === 403)
    return 'It may need a login, which is never sent; save the page as a file and name that.'
  if (status === 404 || status === 410) return 'Check the address.'
  if (status === 429 || status >= 500) return 'Try again later.'
  return 'Open it in a browser and check the address.'
}

async function body(
  name: string,
  response: IncomingMessage,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of unpacked(name, response, signal) as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > bytesMax) throw tooLarge(name, bytesMax + 1, bytesMax)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks, length))
}

/** Unpacks while it is read, so that a small answer cannot become a large one unnoticed. */
function unpacked(name: string, response: IncomingMessage, signal: AbortSignal): Readable {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity' || encoding === '') return response
  const unpack =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? createGunzip()
      : encoding === 'br'
        ? createBrotliDecompress()
        : undefined
  if (!unpack)
    throw new SourceError(
      'unsupported',
      `${name} is sent in the encoding '${encoding}', which was not asked for. Save the page as a file and name that.`,
    )
  const fail = (error: Error) => unpack.destroy(error)
  response.once('error', fail)
  signal.addEventListener('abort', () => unpack.destroy(), { once: true })
  return response.pipe(unpack)
}
