import ipaddr from 'ipaddr.js'
import { SourceError } from './source.ts'

export interface Address {
  address: string
  family: 4 | 6
}

export type Resolve = (host: string) => Promise<Address[]>

export interface AddressRules {
  resolve: Resolve
  /** For tests only. */
  allowLoopback: boolean
}

/** Names that never mean a public server, whatever a resolver says. */
const INTERNAL_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa|localdomain)$/i

/**
 * The addresses to connect to, all of them checked; connecting to anything else would let a second answer of the
 * name server lead inside. Throws SourceError `internal-address`, `unreachable`.
 *
 * @param host as `URL.hostname` gives it, which has made `0x7f.1` and `2130706433` into 127.0.0.1 already
 */
export async function publicAddresses(host: string, rules: AddressRules): Promise<Address[]> {
  const name = host.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (ipaddr.isValid(name)) {
    if (!isAllowed(name, rules)) throw internal(host, `${name} is not a public address`)
    // As it was judged: what else might read 010.0.0.1 need not read it as 8.0.0.1.
    const parsed = ipaddr.parse(name)
    return [{ address: parsed.toString(), family: parsed.kind() === 'ipv4' ? 4 : 6 }]
  }
  if (INTERNAL_NAME.test(name)) throw internal(host, `${name} is a name of this machine or network`)
  const addresses = await rules.resolve(name).catch((error: unknown) => {
    throw new SourceError(
      'unreachable',
      `the host ${name} was not found. Check the spelling and the network connection.`,
      { cause: error },
    )
  })
  if (addresses.length === 0)
    throw new SourceError('unreachable', `the host ${name} has no address. Check the spelling.`)
  const inside = addresses.find(({ address }) => !isAllowed(address, rules))
  if (inside) throw internal(host, `${name} resolves to ${inside.address}, which is not a public address`)
  return addresses
}

function isAllowed(address: string, rules: AddressRules): boolean {
  return isPublic(address) || (rules.allowLoopback && ipaddr.parse(address).range() === 'loopback')
}

/**
 * Globally reachable unicast. Addresses that carry another one inside (IPv4-mapped, NAT64, 6to4, Teredo) are not:
 * what they lead to is decided elsewhere.
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  return parsed.kind() === 'ipv4' || parsed.match(ipaddr.parseCIDR('2000::/3'))
}

function internal(host: string, why: string): SourceError {
  return new SourceError(
    'internal-address',
    `${why}, so ${host} was not read. Only public servers are; save the page as a file and name that.`,
  )
}
