import { describe, expect, test } from 'vitest'
import { isPublic, publicAddresses } from './public-address.ts'

const nobody = { resolve: async () => [], allowLoopback: false }

describe('public addresses', () => {
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.9',
    '224.0.0.1',
    '240.0.0.1',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001:0:1::',
    '2001:db8::1',
    '::127.0.0.1',
    '4000::1',
    '64:ff9b:1::1',
    'fec0::1',
    'nonsense',
    '',
  ])('%s is not one', (address) => {
    expect(isPublic(address)).toBe(false)
  })

  test.each(['8.8.8.8', '93.184.216.34', '2606:4700::1111', '2a00:1450:4001::1'])('%s is one', (address) => {
    expect(isPublic(address)).toBe(true)
  })

  test.each([
    'https://0x7f.1/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://a.localhost/',
    'https://metadata.google.internal/',
    'https://printer.local/',
    'https://①②⑦.0.0.1/',
    'https://169.254.169.254/latest/meta-data/',
  ])('refuses %s before anything is looked up', async (url) => {
    await expect(publicAddresses(new URL(url).hostname, nobody)).rejects.toMatchObject({
      code: 'internal-address',
    })
  })

  test('gives an address as it was judged, however it was spelled', async () => {
    await expect(publicAddresses('010.00.01', nobody)).resolves.toEqual([{ address: '8.0.0.1', family: 4 }])
    await expect(publicAddresses('[2606:4700:0::1111]', nobody)).resolves.toMatchObject([{ family: 6 }])
  })

  test('refuses a host when any of its addresses is internal', async () => {
    const resolve = async () => [
      { address: '8.8.8.8', family: 4 as const },
      { address: '10.0.0.7', family: 4 as const },
    ]
    await expect(publicAddresses('docs.example.com', { resolve, allowLoopback: false })).rejects.toThrow(
      'resolves to 10.0.0.7',
    )
  })

  test('loopback is refused unless a test allows it, and then nothing else internal', async () => {
    const at = (address: string) => async () => [{ address, family: 4 as const }]
    await expect(
      publicAddresses('a.example.com', { resolve: at('127.0.0.1'), allowLoopback: false }),
    ).rejects.toMatchObject({ code: 'internal-address' })
    await expect(
      publicAddresses('a.example.com', { resolve: at('127.0.0.1'), allowLoopback: true }),
    ).resolves.toHaveLength(1)
    await expect(
      publicAddresses('a.example.com', { resolve: at('10.0.0.1'), allowLoopback: true }),
    ).rejects.toMatchObject({ code: 'internal-address' })
  })
})
