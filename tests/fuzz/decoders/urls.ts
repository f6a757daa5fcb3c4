import { BlockList, isIP } from 'node:net'
import { publicAddresses } from '../../../drivers/sources/src/public-address.ts'
import { SourceError } from '../../../drivers/sources/src/source.ts'
import { type Decoder, demand, type Target } from '../decoder.ts'
import { carriers, INTERNAL_IPV4, internalUrls, spellings } from '../internal-urls.ts'
import { mutateText } from '../mutate-text.ts'
import type { Random } from '../random.ts'

/** Not globally reachable by the IANA registries of special-purpose addresses, and those that carry others inside. */
const special = {
  // Two lists: one for both would take every IPv4 address for the IPv6 one that carries it.
  4: blockList(
    'ipv4',
    '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 ' +
      '192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
  ),
  6: blockList(
    'ipv6',
    '::/8 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 ' +
      'fe80::/10 fec0::/10 ff00::/8',
  ),
}

function blockList(family: 'ipv4' | 'ipv6', ranges: string): BlockList {
  const list = new BlockList()
  for (const range of ranges.split(' ')) {
    const [address = '', bits] = range.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}

const seeds = [
  ...internalUrls(443),
  'https://8.8.8.8/',
  'https://[2606:4700::1111]/',
  'https://example.com/a',
]

function anyIpv4(random: Random): string {
  if (random.chance(0.4)) return random.pick(INTERNAL_IPV4)
  return [0, 0, 0, 0].map(() => random.below(256)).join('.')
}

function generate(random: Random): string {
  const kind = random.below(4)
  if (kind === 0) return `https://${random.pick(spellings(anyIpv4(random)))}/`
  if (kind === 1) return `https://[${random.pick(carriers(anyIpv4(random)))}]/`
  if (kind === 2) {
    const group = (): string => random.below(0x10000).toString(16)
    return `https://[${random.pick(['2001', '2002', '2600', 'fe80', '::', '64', '3fff'])}:${group()}:${group()}::${group()}]/`
  }
  return mutateText(random, random.pick(seeds), seeds)
}

/** The host as a name server of the attacker's would answer it. */
function answerFor(host: string): string {
  let sum = 0
  for (const one of host) sum = (sum * 31 + (one.codePointAt(0) ?? 0)) % 2 ** 32
  return [24, 16, 8, 0].map((shift) => (sum >>> shift) & 255).join('.')
}

function open(): Target {
  return {
    generate: (random) => ({ data: generate(random), resigned: false }),
    async judge({ data }) {
      const text = String(data)
      if (!URL.canParse(text)) return 'refused'
      const { hostname } = new URL(text)
      const rules = {
        resolve: async (host: string) => [{ address: answerFor(host), family: 4 as const }],
        allowLoopback: false,
      }
      try {
        for (const { address, family } of await publicAddresses(hostname, rules)) {
          demand(isIP(address) === family, `${address} is no address of IPv${family}`)
          demand(
            !special[family].check(address, family === 6 ? 'ipv6' : 'ipv4'),
            `${address} is not a public address`,
          )
        }
        return 'accepted'
      } catch (error) {
        if (!(error instanceof SourceError)) throw error
        return 'refused'
      }
    },
  }
}

export const urlDecoder: Decoder = { name: 'url', share: 0.05, hangMs: 5_000, open }
