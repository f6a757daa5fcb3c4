import type { Block, Document, Passage, Place } from './document.ts'
import { sentencesOf } from './sentences.ts'

/** A passage grows until it has this many characters, */
const WANTED = 300
/** is closed before it passes this many, */
const MOST = 1200
/** and a sentence or row longer than this is cut. */
const HUGE = 4000

/**
 * The passages of a document, in reading order; the same document gives the same passages for good, because
 * quotes name them by number. Headings are carried, not repeated in the text. Blocks stay whole where they
 * fit; items and rows are each on their own line, so that in a passage a line break always ends a sentence.
 */
export function passagesOf(document: Document): Passage[] {
  const passages: Passage[] = []
  let headings: { level: number; text: string }[] = []
  let open: { text: string; place: Place; last: Block['kind'] } | undefined

  function close(): void {
    if (open === undefined) return
    passages.push({
      source: document.source,
      passage: passages.length,
      name: document.name,
      headings: headings.map((heading) => heading.text),
      text: open.text,
      place: open.place,
    })
    open = undefined
  }

  let headingsPending = false
  for (const block of document.blocks) {
    if (block.kind === 'heading') {
      close()
      const level = block.level ?? 1
      headings = [
        ...headings.filter((heading) => heading.level < level),
        { level, text: oneLine(block.text) },
      ]
      headingsPending = true
      continue
    }
    for (const piece of piecesOf(block)) {
      if (
        open !== undefined &&
        (open.text.length >= WANTED
          ? !(isLine(block) && isLine({ kind: open.last }) && open.text.length < MOST / 2)
          : false)
      )
        close()
      if (open !== undefined && open.text.length + piece.length + 2 > MOST) close()
      if (open === undefined) open = { text: piece, place: { ...block.place }, last: block.kind }
      else {
        open.text += (isLine(block) && open.last === block.kind ? '\n' : '\n\n') + piece
        open.place = covering(open.place, block.place)
        open.last = block.kind
      }
    }
    headingsPending = false
  }
  close()
  // A document of headings only would otherwise hold nothing that can be quoted.
  if (headingsPending && headings.length > 0) {
    const last = document.blocks.findLast((block) => block.kind === 'heading')
    const text = headings.at(-1)?.text ?? ''
    headings = headings.slice(0, -1)
    if (last !== undefined && text !== '') {
      open = { text, place: { ...last.place }, last: 'heading' }
      close()
    }
  }
  return passages
}

function isLine(block: { kind: Block['kind'] }): boolean {
  return block.kind === 'item' || block.kind === 'row'
}

function piecesOf(block: Block): string[] {
  const text = textOf(block)
  if (text === '') return []
  if (text.length <= MOST) return [text]
  if (block.kind === 'code') return linesUpTo(text.split('\n'), '\n')
  const pieces: string[] = []
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    pieces.push(...sentencesOf(line).map(({ start, end }) => line.slice(start, end)))
  }
  return linesUpTo(pieces, isLine(block) ? '\n' : ' ')
}

/** Joins parts while they fit, and cuts a part that is huge at white space. */
function linesUpTo(parts: readonly string[], joint: string): string[] {
  const out: string[] = []
  let open = ''
  for (const part of parts.flatMap(cutHuge)) {
    if (open !== '' && open.length + part.length + 1 > MOST) {
      out.push(open)
      open = ''
    }
    open = open === '' ? part : open + joint + part
  }
  if (open.trim() !== '') out.push(open)
  return out
}

function cutHuge(part: string): string[] {
  const out: string[] = []
  let rest = part
  while (rest.length > HUGE) {
    const space = rest.lastIndexOf(' ', MOST)
    let at = space > MOST / 2 ? space : MOST
    // Never between the halves of a surrogate pair.
    if (/[\ud800-\udbff]/.test(rest[at - 1] ?? '')) at -= 1
    out.push(rest.slice(0, at).trimEnd())
    rest = rest.slice(at).trimStart()
  }
  out.push(rest)
  return out
}

function textOf(block: Block): string {
  if (block.kind === 'code') return block.text.replace(/^\n+|\s+$/g, '')
  if (block.kind === 'row') return oneLine(block.text)
  if (block.kind === 'item') return `- ${oneLine(block.text).replace(/^[-*•–]\s+/, '')}`
  return linesOf(block.text)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Readers have undone the wrapping of lines: a line break that is left means something. */
function linesOf(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  // Mail that quotes an earlier mail: the mark stands before the paragraph, and means all of its lines.
  const mark = /^(?:> ?)+/.exec(lines[0] ?? '')?.[0].trim()
  return lines
    .map((line) => (mark === undefined || line.startsWith('>') ? line : `${mark} ${line}`))
    .join('\n')
}

function covering(place: Place, next: Place): Place {
  const end = next.lineEnd ?? next.line
  const covered: Place = { ...place }
  if (covered.line !== undefined && end !== undefined && end >= covered.line) covered.lineEnd = end
  else if (covered.line === undefined && next.line !== undefined) {
    covered.line = next.line
    if (end !== undefined) covered.lineEnd = end
  }
  if (covered.page === undefined && next.page !== undefined) covered.page = next.page
  return covered
}
