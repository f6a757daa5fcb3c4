import type { Block } from '@infrafabric/evidence'
import { decodeText } from '../decode-text.ts'
import { SourceError } from '../source.ts'
import { bodyBytes, decodeHeader, type MimePart, parsePart, parseValue, splitParts } from './mime.ts'
import { paragraphs } from './paragraphs.ts'
import type { Reader } from './reader.ts'
import { oneLine } from './row.ts'

const PARTS_MAX = 200
const DEPTH_MAX = 10

/**
 * A mail as its receiver saw it. What the writer quoted from another mail stands in blocks of its own that start
 * with `> `: it is a copy, and confirms nothing. Attachments are named, not read.
 */
export const emailReader: Reader = {
  name: 'email/1',
  async read(bytes, { name }) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      .toString('latin1')
      .replace(/\r\n?/g, '\n')
    const mail = parsePart(text.replace(/^From .*\n/, ''), text.startsWith('From ') ? 2 : 1)
    if (!['from', 'to', 'subject', 'date', 'received'].some((header) => mail.headers.has(header)))
      throw new SourceError(
        'corrupt',
        `${name} has none of a mail's headers. Save the message again as .eml, or rename it if it is something else.`,
      )
    const subject = oneLine(decodeHeader(mail.headers.get('subject') ?? ''))
    const blocks: Block[] = []
    if (subject) blocks.push({ kind: 'heading', level: 1, text: subject, place: { line: 1 } })
    const about = ['From', 'To', 'Cc', 'Date'].flatMap((header) => {
      const value = oneLine(decodeHeader(mail.headers.get(header.toLowerCase()) ?? ''))
      return value ? [`${header}: ${value}`] : []
    })
    if (about.length > 0) blocks.push({ kind: 'row', text: about.join('; '), place: { line: 1 } })
    const counted = { parts: 0, attachments: [] as string[] }
    blocks.push(...(await bodyBlocks(mail, counted, 0)))
    for (const attachment of counted.attachments)
      blocks.push({ kind: 'row', text: `Attachment: ${attachment}`, place: { line: mail.line } })
    const notes = counted.attachments.length === 0 ? [] : [attachmentNote(name, counted.attachments)]
    return { ...(subject ? { title: subject } : {}), blocks, notes }
  },
}

function attachmentNote(name: string, attachments: string[]) {
  const detail = `${name} has attachments that were not read: ${attachments.join(', ')}. Save them as files and name those.`
  return { code: 'incomplete' as const, detail }
}

async function bodyBlocks(
  part: MimePart,
  counted: { parts: number; attachments: string[] },
  depth: number,
): Promise<Block[]> {
  if (++counted.parts > PARTS_MAX || depth > DEPTH_MAX) return []
  const disposition = parseValue(part.headers.get('content-disposition') ?? '')
  const fileName = disposition.parameters.get('filename') ?? part.parameters.get('name')
  const boundary = part.parameters.get('boundary')
  if (part.mediaType.startsWith('multipart/') && boundary) {
    const parts = splitParts(part, boundary)
    if (part.mediaType === 'multipart/alternative') {
      const chosen =
        parts.find(({ mediaType }) => mediaType === 'text/plain') ??
        parts.find(({ mediaType }) => mediaType === 'text/html') ??
        parts.at(-1)
      return chosen ? bodyBlocks(chosen, counted, depth + 1) : []
    }
    const blocks: Block[] = []
    for (const inner of parts) blocks.push(...(await bodyBlocks(inner, counted, depth + 1)))
    return blocks
  }
  const isText = part.mediaType === 'text/plain' || part.mediaType === 'text/html'
  if (disposition.value === 'attachment' || !isText) {
    counted.attachments.push(fileName ? oneLine(decodeHeader(fileName)) : part.mediaType)
    return []
  }
  const { text } = decodeText(bodyBytes(part), part.parameters.get('charset'))
  if (part.mediaType === 'text/html') {
    const { readHtml } = await import('./html.ts')
    return readHtml(text, part.line).blocks.map((block) => ({ ...block, place: { line: part.line } }))
  }
  // Encoded bodies have other line breaks than the file; their lines cannot be counted.
  const isPlain = !/base64|quoted-printable/i.test(part.headers.get('content-transfer-encoding') ?? '')
  const blocks = mailBlocks(text, part.line)
  return isPlain ? blocks : blocks.map((block) => ({ ...block, place: { line: part.line } }))
}

/** From such a line on, Outlook and others put the whole of the mail that is answered. */
const FORWARDED =
  /^(?:-{3,}\s*(?:original|forwarded|ursprüngliche|message d'origine|messaggio originale)\b.*|_{20,})$/i

/** The writer's own words and quoted ones in turn, the quoted ones marked. */
export function mailBlocks(text: string, firstLine: number): Block[] {
  const blocks: Block[] = []
  let depth = 0
  let start = 0
  let isForwarded = false
  const lines = text.split('\n')
  const flush = (end: number) => {
    const own = lines.slice(start, end).map((line) => line.replace(/^(?:>[ ]?)+/, ''))
    const marks = '> '.repeat(depth + (isForwarded ? 1 : 0))
    for (const block of paragraphs(own.join('\n'), firstLine + start))
      blocks.push(marks === '' ? block : { kind: 'text', text: marks + block.text, place: block.place })
    start = end
  }
  for (const [index, line] of lines.entries()) {
    // The signature's mark, with nothing of evidence in what machines put below it, still is the writer's text.
    const quoted = line.trim() === '' ? depth : (/^(?:>[ ]?)+/.exec(line)?.[0].match(/>/g)?.length ?? 0)
    if (quoted !== depth) {
      flush(index)
      depth = quoted
    }
    if (!isForwarded && FORWARDED.test(line.trim())) {
      flush(index)
      isForwarded = true
    }
  }
  flush(lines.length)
  return blocks
}
