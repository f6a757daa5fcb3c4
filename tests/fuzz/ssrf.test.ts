import { readFileSync } from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FetchLimits, fetchUrl } from '../../drivers/sources/src/fetch-url.ts'
import type { Address } from '../../drivers/sources/src/public-address.ts'
import { carriers, INTERNAL_IPV4, internalUrls, spellings } from './internal-urls.ts'

const testing = new URL('../../drivers/sources/src/testing/', import.meta.url)
const cert = readFileSync(new URL('test-certificate.pem', testing), 'utf8')
const key = readFileSync(new URL('test-key.pem', testing), 'utf8')

/** On every address of this machine: whoever connects to any of them is counted. */
let trap: Server
let trapPort: number
let connections = 0
/** Stands for a public server that redirects to where the path says. */
let redirects: Server
let redirectsPort: number

beforeAll(async () => {
  trap = createServer((socket) => {
    connections++
    socket.destroy()
  })
  await listening(trap, '::').catch(() => listening(trap, '0.0.0.0'))
  trapPort = (trap.address() as AddressInfo).port
  redirects = createSecureServer({ cert, key }, (request, response) => {
    const location = Buffer.from((request.url ?? '').slice(1), 'hex').toString('latin1')
    response.writeHead(302, { location }).end()
  })
  await listening(redirects, '127.0.0.1')
  redirectsPort = (redirects.address() as AddressInfo).port
})

afterAll(async () => {
  await Promise.all([trap, redirects].map((server) => new Promise((resolve) => server.close(resolve))))
})

function listening(server: Server, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve)
  })
}

/** The verdict on a URL; `connected` for an error that only a connection could have brought. */
async function verdictOn(url: string, fetch: FetchLimits['fetch'] = { resolve: inside }): Promise<string> {
  try {
    await fetchUrl(url, { bytesMax: 1_000, urlTimeoutMs: 5_000, ...(fetch ? { fetch } : {}) })
    return 'read'
  } catch (error) {
    const code = (error as { code?: string }).code ?? String(error)
    return ['internal-address', 'unsupported', 'redirect'].includes(code) ? 'refused' : `connected: ${code}`
  }
}

/** A name server of the attacker's: every name is this machine. */
async function inside(): Promise<Address[]> {
  return [{ address: '127.0.0.1', family: 4 }]
}

test('connects to no internal address, however it is spelled', async () => {
  connections = 0
  const urls = internalUrls(trapPort)
  expect(new Set(urls).size).toBeGreaterThan(1_200)
  const wrong: [string, string][] = []
  for (const url of urls) {
    const verdict = await verdictOn(url)
    if (verdict !== 'refused') wrong.push([url, verdict])
  }
  expect(wrong).toEqual([])
  expect(connections).toBe(0)
})

test('connects to no internal address that a name server gives, alone or among public ones', async () => {
  connections = 0
  const wrong: string[] = []
  const answers = INTERNAL_IPV4.flatMap((ipv4) => [ipv4, ...carriers(ipv4)])
  for (const address of [...answers, '::1', 'fe80::1', 'fe80::1%eth0', 'fd00::1', '::', 'nonsense', '']) {
    const internal: Address = { address, family: address.includes(':') ? 6 : 4 }
    const publicOne: Address = { address: '8.8.8.8', family: 4 }
    for (const found of [[internal], [publicOne, internal], [internal, publicOne]]) {
      const verdict = await verdictOn(`https://rebinding.example.com:${trapPort}/`, {
        resolve: async () => found,
      })
      if (verdict !== 'refused') wrong.push(`${JSON.stringify(found)}: ${verdict}`)
    }
  }
  expect(wrong).toEqual([])
  expect(connections).toBe(0)
})

test('follows no redirect to an internal address, nor to anything but https', async () => {
  connections = 0
  // For this test this machine stands for the public network, so that loopback is not among the targets.
  const hosts = INTERNAL_IPV4.filter((ipv4) => !ipv4.startsWith('127.')).flatMap((ipv4, at) => {
    const carried = carriers(ipv4).map((one) => `[${one}]`)
    return at === 0 || ipv4 === '169.254.169.254' ? [...spellings(ipv4), ...carried] : [ipv4]
  })
  const targets = [
    ...hosts.filter((host) => /^[\x20-\x7e]+$/.test(host)).map((host) => `https://${host}:${trapPort}/`),
    `http://127.0.0.1:${trapPort}/`,
    `http://169.254.169.254/`,
    `//169.254.169.254/`,
    `\\\\169.254.169.254\\`,
    `https://redirects.example.com@169.254.169.254/`,
    `https://me:secret@redirects.example.com:${redirectsPort}/`,
    'file:///etc/passwd',
    'ftp://10.0.0.1/',
    'data:text/plain,x',
  ]
  expect(targets.length).toBeGreaterThan(70)
  const wrong: string[] = []
  for (const target of targets) {
    const url = `https://docs.example.com:${redirectsPort}/${Buffer.from(target, 'latin1').toString('hex')}`
    const fetch = { resolve: inside, ca: cert, allowLoopback: true }
    const verdict = await verdictOn(url, fetch)
    if (verdict !== 'refused') wrong.push(`${target}: ${verdict}`)
  }
  expect(wrong).toEqual([])
  expect(connections).toBe(0)
})

test('asks the name server once a hop, and connects to what it then said', async () => {
  connections = 0
  const asked: string[] = []
  const resolve = async (host: string): Promise<Address[]> => {
    asked.push(host)
    return [{ address: asked.length === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }]
  }
  const target = Buffer.from(`https://docs.example.com:${redirectsPort}/`).toString('hex')
  const url = `https://docs.example.com:${redirectsPort}/${target}`
  expect(await verdictOn(url, { resolve, ca: cert, allowLoopback: true })).toBe('refused')
  expect(asked).toEqual(['docs.example.com', 'docs.example.com'])
})

test('the trap sees who connects', async () => {
  connections = 0
  const fetch = { resolve: inside, allowLoopback: true }
  expect(await verdictOn(`https://docs.example.com:${trapPort}/`, fetch)).toMatch(/^connected/)
  expect(connections).toBe(1)
})
