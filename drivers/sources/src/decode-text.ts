import { analyse } from 'chardet'

export interface DecodedText {
  /** Well-formed; line breaks are `\n`; of the control characters only tab, line break and form feed are left. */
  text: string
  encoding: string
}

/** Bytes that the guess looks at; more would cost time and change nothing. */
const GUESS_BYTES = 64 * 1024

/**
 * A byte order mark decides; then what the source declares, if the bytes agree; then UTF-8, if they are valid;
 * then UTF-16 by its zero bytes; then a guess by letter frequencies. The same bytes always give the same text.
 */
export function decodeText(bytes: Uint8Array, declared?: string): DecodedText {
  const mark = byteOrderMark(bytes)
  if (mark) return decoded(bytes, mark)
  for (const encoding of [declared && known(declared), 'utf-8']) {
    const text = encoding && decodeStrictly(bytes, encoding)
    if (encoding && text !== undefined) return { text: clean(text, encoding), encoding }
  }
  return decoded(bytes, utf16WithoutMark(bytes) ?? guess(bytes))
}

function decoded(bytes: Uint8Array, encoding: string): DecodedText {
  return { text: clean(new TextDecoder(encoding).decode(bytes), encoding), encoding }
}

function decodeStrictly(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8'
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  return undefined
}

/** Mostly Latin text in UTF-16 has a zero in nearly every other byte. */
export function utf16WithoutMark(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const length = Math.min(bytes.length, 4096) & ~1
  if (length < 4) return undefined
  let even = 0
  let odd = 0
  for (let i = 0; i < length; i += 2) {
    if (bytes[i] === 0) even++
    if (bytes[i + 1] === 0) odd++
  }
  const half = length / 2
  if (odd > half * 0.7 && even < half * 0.05) return 'utf-16le'
  if (even > half * 0.7 && odd < half * 0.05) return 'utf-16be'
  return undefined
}

function known(label: string): string | undefined {
  try {
    return new TextDecoder(label.trim()).encoding
  } catch {
    return undefined
  }
}

/**
 * Short Western texts look like a dozen alphabets to the statistics. windows-1252 is by far the commonest of
 * the old encodings, so another single-byte one must beat it clearly.
 */
function guess(bytes: Uint8Array): string {
  const candidates = analyse(bytes.subarray(0, GUESS_BYTES)).flatMap(({ name, confidence }) => {
    const encoding = known(name)
    return encoding && encoding !== 'utf-8' && !encoding.startsWith('utf-16')
      ? [{ encoding, confidence }]
      : []
  })
  const best = candidates[0]
  if (!best) return 'windows-1252'
  const western = candidates.find(({ encoding }) => encoding === 'windows-1252')
  if (western && MULTI_BYTE.has(best.encoding) === false && best.confidence - western.confidence < 15)
    return 'windows-1252'
  return best.encoding
}

const MULTI_BYTE: ReadonlySet<string> = new Set([
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'gb18030',
  'gbk',
  'big5',
  'iso-2022-jp',
])

// Some releases of Node decode windows-1252 as Latin-1 and leave these as C1 controls.
const WINDOWS_1252_HIGH = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

function clean(raw: string, encoding: string): string {
  let text = raw
  if (encoding === 'windows-1252')
    text = text.replace(
      /[\x80-\x9f]/g,
      (character) => WINDOWS_1252_HIGH[character.charCodeAt(0) - 0x80] ?? character,
    )
  return (
    text
      .replace(/\r\n?/g, '\n')
      // Beside controls: characters that are not allowed in XML, and so not on some queues.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
      .replace(/[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\ufffe\uffff]/g, '')
      .toWellFormed()
  )
}
