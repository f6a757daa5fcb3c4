import { readFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { createServer as createPlainServer } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FetchLimits, fetchUrl } from './fetch-url.ts'
import { gatherSources } from './gather-sources.ts'

const certificate = readFileSync(new URL('testing/test-certificate.pem', import.meta.url), 'utf8')
const key = readFileSync(new URL('testing/test-key.pem', import.meta.url), 'utf8')
const MIB = 1024 * 1024

let server: Server
let port: number
let requests: IncomingMessage[] = []

const answers: Record<string, RequestListener> = {
  '/page': (_, response) =>
    response
      .setHeader('content-type', 'text/html; charset=windows-1252')
      .end(Buffer.from('<title>M\xf4le</title><p>caf\xe9', 'latin1')),
  '/gzip': (_, response) =>
    response
      .setHeader('content-encoding', 'gzip')
      .setHeader('content-type', 'text/plain')
      .end(gzipSync('packed words')),
  '/br': (_, response) =>
    response
      .setHeader('content-encoding', 'br')
      .setHeader('content-type', 'text/plain')
      .end(brotliCompressSync('packed words')),
  '/bomb': (_, response) =>
    response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(20 * MIB, 97))),
  '/damaged': (_, response) => response.setHeader('content-encoding', 'gzip').end('not gzip at all'),
  '/deflate': (_, response) => response.setHeader('content-encoding', 'deflate').end('x'),
  '/large': (_, response) => response.end(Buffer.alloc(2 * MIB, 97)),
  '/endless': (_, response) => {
    const timer = setInterval(() => response.write('more '.repeat(20_000)), 1)
    response.once('close', () => clearInterval(timer))
  },
  '/slow': (_, response) => response.write('one word and then nothing'),
  '/silent': () => {},
  '/cut': (_, response) => {
    response.setHeader('content-length', '1000').write('only a part')
    setTimeout(() => response.destroy(), 20)
  },
  '/missing': (_, response) => response.writeHead(404).end('no'),
  '/broken': (_, response) => response.writeHead(503).end('no'),
  '/empty': (_, response) => response.end(),
  '/moved': (_, response) => response.writeHead(301, { location: '/page' }).end(),
  '/loop': (_, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/nowhere': (_, response) => response.writeHead(302).end(),
  '/to-metadata': (_, response) =>
    response.writeHead(302, { location: 'https://169.254.169.254/latest/meta-data/' }).end(),
  '/to-inside': (_, response) => response.writeHead(302, { location: 'https://inside.example.com/' }).end(),
  '/to-http': (_, response) => response.writeHead(302, { location: 'http://203.0.113.5/' }).end(),
  '/to-file': (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
}

const hosts: Record<string, string> = {
  'docs.example.com': '127.0.0.1',
  'wrong.example.com': '127.0.0.1',
  'inside.example.com': '192.168.7.7',
}

beforeAll(async () => {
  server = createServer({ cert: certificate, key }, (request, response) => {
    requests.push(request)
    answers[request.url ?? '']?.(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(async () => {
  await new Promise((resolve) => {
    server.close(resolve)
    if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function')
      server.closeAllConnections()
  })
})

function limits(changes: Partial<FetchLimits> = {}): FetchLimits {
  const resolve = async (host: string) => {
    const address = hosts[host]
    if (!address) throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })
    return [{ address, family: 4 as const }]
  }
  return {
    bytesMax: MIB,
    now: () => 1_790_000_000_000,
    fetch: { resolve, ca: certificate, allowLoopback: true },
    ...changes,
  }
}

const at = (path: string, host = 'docs.example.com') => `https://${host}:${port}${path}`
const get = (path: string, changes?: Partial<FetchLimits>) => fetchUrl(at(path), limits(changes))

describe('fetchUrl', () => {
  test('keeps type, character set, final address and time', async () => {
    expect(await get('/moved')).toMatchObject({
      name: at('/moved'),
      finalUrl: at('/page'),
      mediaType: 'text/html',
      charset: 'windows-1252',
      accessedAt: 1_790_000_000_000,
    })
  })

  test('sends nothing of the user', async () => {
    requests = []
    await get('/page')
    expect(Object.keys(requests[0]?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ])
  })

  test.each(['/gzip', '/br'])('unpacks %s', async (path) => {
    expect(new TextDecoder().decode((await get(path)).bytes)).toBe('packed words')
  })

  test.each([
    ['/large', 'too-large'],
    ['/endless', 'too-large'],
    ['/bomb', 'too-large'],
    ['/damaged', 'corrupt'],
    ['/deflate', 'unsupported'],
    ['/cut', 'unreachable'],
    ['/missing', 'http-status'],
    ['/broken', 'http-status'],
    ['/empty', 'empty'],
    ['/loop', 'redirect'],
    ['/nowhere', 'redirect'],
    ['/to-metadata', 'internal-address'],
    ['/to-inside', 'internal-address'],
    ['/to-http', 'redirect'],
    ['/to-file', 'redirect'],
  ])('%s is %s, with the address in the message', async (path, code) => {
    await expect(get(path)).rejects.toMatchObject({ code, message: expect.stringContaining(at(path)) })
  })

  test.each(['/slow', '/silent'])('%s is given up after the time limit', async (path) => {
    await expect(get(path, { urlTimeoutMs: 200 })).rejects.toMatchObject({ code: 'slow' })
  })

  test('a name server that does not answer is given up as well', async () => {
    const fetch = { resolve: () => new Promise<never>(() => {}) }
    await expect(get('/page', { urlTimeoutMs: 100, fetch })).rejects.toMatchObject({ code: 'slow' })
  })

  test('refuses a certificate that nobody trusts, and one for another host', async () => {
    const { ca: _, ...untrusting } = limits().fetch ?? {}
    await expect(get('/page', { fetch: untrusting })).rejects.toMatchObject({ code: 'insecure' })
    await expect(fetchUrl(at('/page', 'wrong.example.com'), limits())).rejects.toMatchObject({
      code: 'insecure',
    })
  })

  test('refuses an internal host without connecting to it', async () => {
    await expect(fetchUrl('https://inside.example.com/', limits())).rejects.toMatchObject({
      code: 'internal-address',
    })
    requests = []
    await expect(
      fetchUrl(
        at('/page'),
        limits({ fetch: { resolve: async () => [{ address: '127.0.0.1', family: 4 }] } }),
      ),
    ).rejects.toMatchObject({ code: 'internal-address' })
    expect(requests).toHaveLength(0)
  })

  test('connects to the address that was checked, whatever the name says a moment later', async () => {
    let asked = 0
    const resolve = async () => [{ address: ++asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 as const }]
    await get('/page', { fetch: { ...limits().fetch, resolve } })
    expect(asked).toBe(1)
  })

  test('tells a host that is not found from a server that refuses', async () => {
    await expect(fetchUrl('https://nowhere.example.com/', limits())).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('not found'),
    })
    const unused = createPlainServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => unused.once('listening', resolve))
    const free = (unused.address() as AddressInfo).port
    await new Promise((resolve) => unused.close(resolve))
    await expect(fetchUrl(`https://docs.example.com:${free}/`, limits())).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('refuses'),
    })
  })

  test.each(['http://example.com/', 'ftp://example.com/', 'https://'])('%s is unsupported', async (url) => {
    await expect(fetchUrl(url, { bytesMax: MIB })).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('stops when the caller does', async () => {
    const signal = AbortSignal.timeout(100)
    await expect(get('/silent', { signal })).rejects.toThrow(/abort|timeout/i)
  })
})

describe('gatherSources with URLs', () => {
  const gather = (patterns: string[]) =>
    gatherSources(patterns, {
      base: import.meta.dirname,
      urlTimeoutMs: 2000,
      now: () => 1_790_000_000_000,
      fetch: limits().fetch ?? {},
    })

  test('makes a document of a page, each address once', async () => {
    const { sources, problems } = await gather([at('/page'), at('/page'), at('/missing')])
    expect(sources).toMatchObject([
      {
        name: at('/page'),
        uri: at('/page'),
        accessedAt: 1_790_000_000_000,
        document: { title: 'Môle', reader: 'html/1', blocks: [{ text: 'café' }] },
      },
    ])
    expect(problems).toMatchObject([{ name: at('/missing'), code: 'http-status' }])
  })

  test('never repeats a password', async () => {
    const { problems } = await gather(['https://me:hunter2@docs.example.com/page'])
    expect(problems).toMatchObject([{ name: 'https://docs.example.com/page', code: 'unsupported' }])
    expect(JSON.stringify(problems)).not.toMatch(/hunter2|me:/)
  })

  test('no option of a user reaches loopback', async () => {
    const { problems } = await gatherSources(
      [`https://127.0.0.1:${port}/page`, `http://127.0.0.1:${port}/page`, 'https://localhost/'],
      { base: '.' },
    )
    expect(problems.map(({ code }) => code)).toEqual(['internal-address', 'unsupported', 'internal-address'])
  })
})
