import { decodeText } from '../decode-text.ts'

/** One part of a mail: its headers by lower-case name, and where its body starts in the mail's lines. */
export interface MimePart {
  headers: Map<string, string>
  mediaType: string
  parameters: Map<string, string>
  /** One character per byte. */
  body: string
  /** Number of the body's first line in the mail. */
  line: number
}

/** Splits at the first empty line and unfolds the headers. @param text one character per byte, lines end in `\n` */
export function parsePart(text: string, firstLine: number): MimePart {
  const end = text.startsWith('\n') ? 0 : text.indexOf('\n\n')
  const head = end === -1 ? text : text.slice(0, end)
  const body = end === -1 ? '' : text.slice(end === 0 && text.startsWith('\n') ? 1 : end + 2)
  const headers = new Map<string, string>()
  for (const line of head.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const match = /^([!-9;-~]+):\s*(.*)$/.exec(line)
    const name = match?.[1]?.toLowerCase()
    if (name && !headers.has(name)) headers.set(name, match?.[2] ?? '')
  }
  const { value, parameters } = parseValue(headers.get('content-type') ?? 'text/plain')
  const line = firstLine + (text.slice(0, text.length - body.length).match(/\n/g)?.length ?? 0)
  return { headers, mediaType: value, parameters, body, line }
}

/** Characters of a header that matter; what is longer was not made by a mail program. */
const HEADER_MAX = 4_000

/** `text/plain; charset="utf-8"`, RFC 2231 names included. */
export function parseValue(header: string): { value: string; parameters: Map<string, string> } {
  const parameters = new Map<string, string>()
  for (const match of header
    .slice(0, HEADER_MAX)
    .matchAll(/;\s*([\w*.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g)) {
    const name = (match[1] ?? '').toLowerCase()
    const value = (match[2] ?? match[3] ?? '').replace(/\\(.)/g, '$1')
    parameters.set(name.replace(/\*$/, ''), name.endsWith('*') ? decodeExtended(value) : value)
  }
  return { value: (header.split(';', 1)[0] ?? '').trim().toLowerCase(), parameters }
}

function decodeExtended(value: string): string {
  const [charset, , encoded] = value.split("'")
  if (encoded === undefined) return value
  const bytes = encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return decodeText(Buffer.from(bytes, 'latin1'), charset).text
}

/** The parts between the boundary's lines; what stands before the first and after the last is not mail. */
export function splitParts(part: MimePart, boundary: string): MimePart[] {
  const parts: MimePart[] = []
  const lines = part.body.split('\n')
  let start: number | undefined
  for (const [index, line] of lines.entries()) {
    const isEnd = line.trimEnd() === `--${boundary}--`
    if (!isEnd && line.trimEnd() !== `--${boundary}`) continue
    if (start !== undefined) parts.push(parsePart(lines.slice(start, index).join('\n'), part.line + start))
    start = index + 1
    if (isEnd) return parts
  }
  // Cut off on the way: the last part is what there is of it.
  if (start !== undefined) parts.push(parsePart(lines.slice(start).join('\n'), part.line + start))
  return parts
}

export function bodyBytes(part: MimePart): Uint8Array {
  const encoding = part.headers.get('content-transfer-encoding')?.trim().toLowerCase()
  if (encoding === 'base64') return Buffer.from(part.body, 'base64')
  if (encoding === 'quoted-printable') return Buffer.from(decodeQuotedPrintable(part.body), 'latin1')
  return Buffer.from(part.body, 'latin1')
}

function decodeQuotedPrintable(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/=\n/g, '')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** `=?UTF-8?Q?Herv=C3=A9?=` and unencoded bytes, as headers carry them. */
export function decodeHeader(raw: string): string {
  const joined = raw.replace(/(\?=)\s+(?==\?)/g, '$1')
  if (!/=\?/.test(joined)) return decodeText(Buffer.from(joined, 'latin1')).text.trim()
  return joined
    .replace(/=\?([^?\s]+)\?([bq])\?([^?]*)\?=/gi, (_, charset: string, kind: string, words: string) => {
      const bytes =
        kind.toLowerCase() === 'b'
          ? Buffer.from(words, 'base64')
          : Buffer.from(decodeQuotedPrintable(words.replaceAll('_', '=20')), 'latin1')
      return decodeText(bytes, charset.split('*', 1)[0]).text
    })
    .trim()
}
