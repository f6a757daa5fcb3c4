import type { Block } from '@infrafabric/evidence'
import type { PdfLine } from './pdf-lines.ts'
import { readTable } from './pdf-table.ts'

const ITEM = /^(?:[-*•·‣▪●○–—]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+(?=\S)/i

/** Paragraphs by distance, headings by size or font, tables by the gaps in their lines. */
export function blocksOfLines(pages: readonly PdfLine[][]): Block[] {
  const body = bodyType(pages)
  const levels = headingLevels(pages, body.height)
  const words = wordsOf(pages)
  const blocks: Block[] = []
  for (const lines of pages) {
    let at = 0
    for (let line = lines[at]; line; line = lines[at]) {
      if (line.cells.length > 1) {
        const { rows, end } = readTable(lines, at)
        for (const row of rows) blocks.push({ kind: 'row', text: row, place: { page: line.page } })
        at = end
        continue
      }
      const end = paragraphEnd(lines, at)
      const paragraph = lines.slice(at, end)
      const text = joinLines(paragraph, words)
      const place = { page: line.page }
      const level = headingLevel(paragraph, text, body, levels)
      if (level !== undefined) blocks.push({ kind: 'heading', level, text, place })
      else if (ITEM.test(text))
        blocks.push({ kind: 'item', text: text.replace(/^[-*•·‣▪●○–—]\s+/, ''), place })
      else blocks.push({ kind: 'text', text, place })
      at = end
    }
  }
  return joinOverPages(blocks)
}

interface BodyType {
  height: number
  font: string
}

/** Height and font of most of the letters. */
function bodyType(pages: readonly PdfLine[][]): BodyType {
  const counts = new Map<string, { type: BodyType; letters: number }>()
  for (const line of pages.flat()) {
    const type = { height: rounded(line.height), font: line.font }
    const key = JSON.stringify(type)
    const count = counts.get(key) ?? { type, letters: 0 }
    count.letters += line.text.length
    counts.set(key, count)
  }
  return [...counts.values()].sort((a, b) => b.letters - a.letters)[0]?.type ?? { height: 10, font: '' }
}

function headingLevels(pages: readonly PdfLine[][], bodyHeight: number): number[] {
  const heights = new Set(
    pages
      .flat()
      .filter(({ height }) => isLarge(height, bodyHeight))
      .map(({ height }) => rounded(height)),
  )
  return [...heights].sort((a, b) => b - a)
}

function headingLevel(lines: PdfLine[], text: string, body: BodyType, levels: number[]): number | undefined {
  const [line] = lines
  if (!line || lines.length > 3 || text.length > 200 || !/\p{L}/u.test(text)) return undefined
  if (isLarge(line.height, body.height)) return Math.min(6, levels.indexOf(rounded(line.height)) + 1)
  // Set in another font than the body, mostly its bold one, and no sentence.
  const isOther = line.font !== body.font && line.height >= body.height * 0.98
  if (isOther && lines.length === 1 && text.length <= 100 && !/[.,;:]$/.test(text) && !ITEM.test(text))
    return Math.min(6, levels.length + 1)
  return undefined
}

function isLarge(height: number, bodyHeight: number): boolean {
  return height > bodyHeight * 1.12
}

function rounded(height: number): number {
  return Math.round(height * 2) / 2
}

function paragraphEnd(lines: PdfLine[], start: number): number {
  let end = start + 1
  for (; end < lines.length; end++) {
    const before = lines[end - 1]
    const line = lines[end]
    if (!before || !line || line.cells.length > 1) return end
    const drop = before.y - line.y
    if (drop <= 0 || drop > Math.max(before.height, line.height) * 1.75) return end
    if (rounded(line.height) !== rounded(before.height) || ITEM.test(line.text)) return end
    if (line.font !== before.font && end === start + 1 && isWholeLine(before, lines, start)) return end
    // An indented first line after a finished sentence.
    if (
      line.x > before.x + line.height * 0.9 &&
      /[.!?:]["')\]]?$/.test(before.text) &&
      !ITEM.test(lines[start]?.text ?? '')
    )
      return end
  }
  return end
}

/** A line in another font that ends well before the margin is a heading of its own. */
function isWholeLine(line: PdfLine, lines: PdfLine[], start: number): boolean {
  const right = Math.max(...lines.slice(start, start + 40).map((each) => each.right))
  return line.right < right - line.height * 3
}

function joinLines(lines: PdfLine[], words: ReadonlySet<string>): string {
  const right = Math.max(...lines.map((line) => line.right))
  let text = ''
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1]
    if (!before) text = line.text
    else if (/\p{L}[-\u00ad\u2010]$/u.test(text) && /^\p{Ll}/u.test(line.text))
      text = joinHyphenated(text, line.text, words)
    // With this much room left the next word would have fitted: the line was broken on purpose.
    else
      text +=
        (before.right < right - Math.max(firstWordWidth(line), line.height * 2) * 1.3 ? '\n' : ' ') +
        line.text
  }
  return text
}

function firstWordWidth(line: PdfLine): number {
  const word = line.text.split(' ', 1)[0] ?? ''
  return ((line.right - line.x) * word.length) / Math.max(1, line.text.length)
}

/** `mainte-` + `nance` is one word; `raw-` + `water`, each a word of this document, keep their hyphen. */
function joinHyphenated(text: string, next: string, words: ReadonlySet<string>): string {
  const left = /[\p{L}\p{M}]+(?=.$)/u.exec(text.slice(-100))?.[0].toLowerCase() ?? ''
  const right = /^[\p{L}\p{M}]+/u.exec(next)?.[0].toLowerCase() ?? ''
  const isSoft = text.endsWith('\u00ad')
  const isCompound = words.has(`${left}-${right}`) || (words.has(left) && words.has(right))
  return !isSoft && !words.has(left + right) && isCompound ? text + next : text.slice(0, -1) + next
}

/** Whole words that do not stand at a broken line's edge. */
function wordsOf(pages: readonly PdfLine[][]): Set<string> {
  const words = new Set<string>()
  for (const { text } of pages.flat()) {
    const whole = /[-\u00ad\u2010]$/.test(text) ? text.slice(0, text.lastIndexOf(' ') + 1) : text
    for (const word of whole.toLowerCase().match(/[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*/gu) ?? []) words.add(word)
  }
  return words
}

/** A paragraph that goes on over the page is one; its place is where it begins. */
function joinOverPages(blocks: Block[]): Block[] {
  const joined: Block[] = []
  for (const block of blocks) {
    const before = joined.at(-1)
    const goesOn =
      before?.kind === 'text' &&
      block.kind === 'text' &&
      before.place.page !== block.place.page &&
      /[\p{L},]$/u.test(before.text) &&
      /^\p{Ll}/u.test(block.text)
    if (before && goesOn) before.text += ` ${block.text}`
    else joined.push(block)
  }
  return joined
}
