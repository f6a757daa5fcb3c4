/** Addresses inside: loopback, private, link-local, metadata services, carrier NAT, unspecified, broadcast. */
export const INTERNAL_IPV4: readonly string[] = [
  '127.0.0.1',
  '127.255.255.254',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '100.64.0.1',
  '0.0.0.0',
  '0.1.2.3',
  '192.0.0.192',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
]

const INTERNAL_IPV6 = [
  '::',
  '::1',
  '0:0:0:0:0:0:0:1',
  '0000:0000:0000:0000:0000:0000:0000:0001',
  'fe80::1',
  'febf::1',
  'fc00::1',
  'fd00:ec2::254',
  'fd20:ce::254',
  'fec0::1',
  'ff02::1',
  '2001:db8::1',
  '3fff::1',
  '100::1',
  '4000::1',
  '5f00::1',
  '2001:10::1',
  '2001:20::1',
]

/** IPv6 addresses that carry the IPv4 one inside. */
export function carriers(ipv4: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number)
  const hex = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  const inverted = `${((a ^ 255) * 256 + (b ^ 255)).toString(16)}:${((c ^ 255) * 256 + (d ^ 255)).toString(16)}`
  return [
    `::ffff:${ipv4}`,
    `::ffff:${hex}`,
    `0:0:0:0:0:ffff:${hex}`,
    `0000:0000:0000:0000:0000:FFFF:${hex}`,
    `::${ipv4}`,
    `::ffff:0:${hex}`,
    `64:ff9b::${ipv4}`,
    `64:ff9b::${hex}`,
    `64:ff9b:1::${hex}`,
    `2002:${hex}::`,
    `2002:${hex}::1`,
    `2001:0:4136:e378:8000:63bf:${inverted}`,
    `2001::${hex}`,
  ]
}

/** One IPv4 address as hosts of URLs may be spelled, by the WHATWG's rules and by looser ones. */
export function spellings(ipv4: string): string[] {
  const parts = ipv4.split('.').map(Number)
  const [a = 0, b = 0, c = 0, d = 0] = parts
  const whole = ((a * 256 + b) * 256 + c) * 256 + d
  const octal = (part: number): string => `0${part.toString(8)}`
  const hex = (part: number): string => `0x${part.toString(16)}`
  const wide = (text: string): string =>
    text.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))
  const escaped = [...ipv4].map((one) => `%${one.charCodeAt(0).toString(16)}`).join('')
  return [
    ipv4,
    `${ipv4}.`,
    String(whole),
    octal(whole),
    hex(whole),
    hex(whole).toUpperCase(),
    `0X${whole.toString(16)}`,
    `0x00000000${whole.toString(16)}`,
    parts.map(octal).join('.'),
    parts.map((part) => `0000${part.toString(8)}`).join('.'),
    parts.map(hex).join('.'),
    parts.map((part) => hex(part).toUpperCase()).join('.'),
    `${hex(a)}.${octal(b)}.${c}.${d}`,
    `${a}.${(b * 256 + c) * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    `${hex(a)}.${hex((b * 256 + c) * 256 + d)}`,
    wide(ipv4),
    wide(String(whole)),
    ipv4.replaceAll('.', '\u3002'),
    ipv4.replaceAll('.', '\uff0e'),
    ipv4.replaceAll('.', '\uff61'),
    ipv4.replaceAll('.', '%2e'),
    ipv4.replaceAll('.', '\u00ad.'),
    escaped,
    ipv4.replaceAll('1', '\u2460').replaceAll('2', '\u2461'),
    `${ipv4}\t`,
    `\u200b${ipv4}`,
  ]
}

/** Names that resolvers answer with internal addresses, or that mean this machine. */
const NAMES = [
  'localhost',
  'LOCALHOST',
  'localhost.',
  'localhost..',
  'a.localhost',
  'localhost.localdomain',
  '\uff4cocalhost',
  'loc\u00adalhost',
  'ip6-localhost',
  'printer.local',
  'router.lan',
  'nas.home.arpa',
  'metadata.google.internal',
  'kubernetes.default.svc',
  'instance-data',
  '127.0.0.1.nip.io',
  '7f000001.rbndr.us',
  'make-127-0-0-1-rr.1u.ms',
  'xn--lcalhost-54a',
  'a'.repeat(63),
  '127.0.0.1.example.com',
  '1.1.1.1.1',
  '0x7f.1.example',
  '256.256.256.256.example',
]

/** Everything that must not be connected to; `port` is that of a listener on this machine that must see nothing. */
export function internalUrls(port: number): string[] {
  const hosts = [
    ...INTERNAL_IPV4.flatMap(spellings),
    ...[...INTERNAL_IPV6, ...INTERNAL_IPV4.flatMap(carriers)].flatMap((one) => [
      `[${one}]`,
      `[${one.toUpperCase()}]`,
    ]),
    '[::1%25lo]',
    '[fe80::1%25eth0]',
    '[::ffff:7f00:1%25lo]',
    '[::1].',
    ...NAMES,
  ]
  return [...hosts.flatMap((host) => [`https://${host}:${port}/`, `https://${host}/`]), ...tricks(port)]
}

function tricks(port: number): string[] {
  const inside = `127.0.0.1:${port}`
  return [
    `https://example.com@${inside}/`,
    `https://example.com:443@${inside}/`,
    `https://example.com%40${inside}/`,
    `https://user:secret@${inside}/`,
    `https://@${inside}/`,
    `https://:@${inside}/`,
    `https://example.com\\@${inside}/`,
    `https://${inside}\\@example.com/`,
    `https://${inside}#@example.com/`,
    `https://${inside}?@example.com/`,
    `https://${inside}/@example.com`,
    `https:\\\\${inside}\\`,
    `https:/${inside}/`,
    `https:${inside}/`,
    `https:////${inside}/`,
    `  https://${inside}/  `,
    `ht\ntps://${inside}/`,
    `https://127.0.\n0.1:${port}/`,
    `https://127.0.0.1:0${port}/`,
    `https://127.0.0.1:${port + 65_536}/`,
    `https://127.0.0.1:/`,
    `https://127.0.0.1:-1/`,
    `http://${inside}/`,
    `HTTP://${inside}/`,
    `ftp://${inside}/`,
    `gopher://${inside}/_GET`,
    `ws://${inside}/`,
    `wss://${inside}/`,
    `unix:///var/run/docker.sock`,
    `http+unix://%2Fvar%2Frun%2Fdocker.sock/info`,
    'file:///etc/passwd',
    'file://127.0.0.1/etc/passwd',
    'data:text/html,x',
    'javascript:alert(1)',
    `blob:https://${inside}/x`,
    `view-source:https://${inside}/`,
    `jar:https://${inside}!/`,
    `//${inside}/`,
    `https://`,
    `https:///${inside}`,
    `https://[::ffff:127.0.0.1]:${port}@example.com:99999/`,
  ]
}
