import { describe, expect, test } from 'vitest'
import { decodeText } from './decode-text.ts'

const french =
  'Capitainerie, Môle Sainte-Énimie: le berceau du bateau à quai coûte 5 820,00 €, TVA comprise. Où est l’hélice?'
const latin = (text: string) => Buffer.from(text, 'latin1')
const windows1252 = Uint8Array.from([...french].map((c) => ({ '€': 0x80, '’': 0x92 })[c] ?? c.charCodeAt(0)))

describe('decodeText', () => {
  test.each([
    ['UTF-8', Buffer.from(french), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${french}`), 'utf-8'],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${french}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 without one', Buffer.from(french, 'utf16le'), 'utf-16le'],
    ['big-endian UTF-16', Buffer.from(`\ufeff${french}`, 'utf16le').swap16(), 'utf-16be'],
    ['big-endian UTF-16 without a mark', Buffer.from(french, 'utf16le').swap16(), 'utf-16be'],
    ['windows-1252', windows1252, 'windows-1252'],
  ])('reads %s', (_, bytes, encoding) => {
    expect(decodeText(bytes)).toEqual({ text: french, encoding })
  })

  test('guesses Shift_JIS and Cyrillic from enough of it', () => {
    const japanese = '83478393835782938393' // start of a word in katakana
    const bytes = Buffer.from(
      japanese.repeat(3) +
        '82cc8cf08ab782cd8e9f82cc935f8c9f82c5977e82b582a2814282e082c182c68356815b83588393814282'.slice(0, -2),
      'hex',
    )
    expect(decodeText(bytes).encoding).toBe('shift_jis')
    const russian = Uint8Array.from(
      [...'Судно принадлежит владельцу и находится в порту приписки до конца года'].map((c) =>
        c === ' ' ? 32 : c.charCodeAt(0) - 0x350,
      ),
    )
    expect(decodeText(russian)).toMatchObject({
      encoding: 'windows-1251',
      text: expect.stringContaining('Судно принадлежит'),
    })
  })

  test('believes a declaration only where the bytes agree', () => {
    expect(decodeText(latin('caf\xe9'), 'iso-8859-1').text).toBe('café')
    expect(decodeText(latin('caf\xe9 cr\xe8me br\xfbl\xe9e'), 'utf-8').text).toBe('café crème brûlée')
    expect(decodeText(Buffer.from('café'), 'no-such-charset').text).toBe('café')
  })

  test('leaves no zero bytes, control characters, lone surrogates or other line breaks', () => {
    const surrogate = Buffer.from([0xff, 0xfe, 0x61, 0x00, 0x3d, 0xd8, 0x62, 0x00])
    expect(decodeText(surrogate).text).toBe('a\ufffdb')
    expect(decodeText(latin('a\0b\x1b[1mc\r\nd\re\tf')).text).toBe('ab[1mc\nd\ne\tf')
    expect(decodeText(Buffer.from('a\uffffb\ufffe')).text).toBe('ab')
  })

  test('every byte sequence becomes well-formed text', () => {
    for (let first = 0; first < 256; first++) {
      const bytes = Uint8Array.from({ length: 64 }, (_, i) => (first * 7 + i * i * 31) & 255)
      const { text } = decodeText(bytes)
      expect(text.isWellFormed()).toBe(true)
      expect(text).not.toContain('\0')
    }
  })
})
