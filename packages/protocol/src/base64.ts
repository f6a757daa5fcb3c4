const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUE_OF: ReadonlyMap<string, number> = new Map([...ALPHABET].map((letter, value) => [letter, value]))
const NONE = 64
const values = Uint8Array.from({ length: 128 }, (_, code) => VALUE_OF.get(String.fromCharCode(code)) ?? NONE)

/** Standard alphabet, padded (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  let at = 0
  for (; at + 2 < bytes.length; at += 3) {
    const group = (byteAt(bytes, at) << 16) | (byteAt(bytes, at + 1) << 8) | byteAt(bytes, at + 2)
    text += letter(group >> 18) + letter(group >> 12) + letter(group >> 6) + letter(group)
  }
  if (bytes.length - at === 1) {
    const group = byteAt(bytes, at) << 16
    text += `${letter(group >> 18)}${letter(group >> 12)}==`
  } else if (bytes.length - at === 2) {
    const group = (byteAt(bytes, at) << 16) | (byteAt(bytes, at + 1) << 8)
    text += `${letter(group >> 18)}${letter(group >> 12)}${letter(group >> 6)}=`
  }
  return text
}

/**
 * Reads only what `toBase64` writes: `undefined` for other alphabets, blanks, missing padding, and trailing bits
 * that are not zero, so that bytes have one text.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const letters = text.length - padding
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  let bits = 0
  let held = 0
  let to = 0
  for (let at = 0; at < letters; at++) {
    const value = values[text.charCodeAt(at)] ?? NONE
    if (value === NONE) return undefined
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[to++] = held >> bits
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytes : undefined
}

function letter(value: number): string {
  return ALPHABET.charAt(value & 63)
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}
