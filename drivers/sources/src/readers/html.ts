import type { Block } from '@infrafabric/evidence'
import { Parser } from 'htmlparser2'
import { decodeText } from '../decode-text.ts'
import { SourceError } from '../source.ts'
import { HtmlTable } from './html-table.ts'
import type { Reader, Reading } from './reader.ts'
import { oneLine } from './row.ts'

/** What a browser would show of the page, without its navigation, scripts and what is hidden. */
export const htmlReader: Reader = {
  name: 'html/1',
  async read(bytes, { charset }) {
    return readHtml(decodeText(bytes, charset ?? declaredCharset(bytes)).text, 1)
  },
}

/** From `<meta charset>`, its older form, or an XML declaration, within the first bytes as the standard has it. */
export function declaredCharset(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 2048))
  const match =
    /<meta\b[^>]*?\bcharset\s*=\s*["']?\s*([\w-]+)/i.exec(head) ??
    /^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w-]+)/i.exec(head)
  // The standard: a page that could say utf-16 in ASCII is not in UTF-16.
  return match?.[1]?.replace(/^utf-?16.*/i, 'utf-8')
}

/** @param firstLine number of the text's first line in its source */
export function readHtml(text: string, firstLine: number): Reading {
  const page = new Page(text, firstLine)
  const parser = new Parser({
    onopentag: (name, attributes) => page.open(name, attributes, parser.startIndex),
    onclosetag: (name) => page.close(name),
    ontext: (words) => page.text(words, parser.startIndex),
  })
  parser.end(text)
  return page.reading()
}

/** Browsers stop at 512. The parser's time grows with the depth, so a page of open tags only must not get far. */
const DEPTH_MAX = 2_000

const SKIPPED = new Set(
  'script style noscript template svg math nav iframe object button select datalist canvas dialog'.split(' '),
)
const BLOCKS = new Set(
  (
    'address article aside blockquote body center details dd div dl dt fieldset figcaption figure footer form h1 h2 h3 ' +
    'h4 h5 h6 header hr html legend li main ol p pre section summary table caption ul'
  ).split(' '),
)

interface OpenTable {
  table: HtmlTable
  cell: { text: string; isHeader: boolean; columns: number; rows: number } | undefined
  rowLine: number
}

class Page {
  readonly #blocks: Block[] = []
  readonly #tables: OpenTable[] = []
  readonly #lines: LineCounter
  #title = ''
  #inTitle = false
  /** How many open elements are inside one that is left out, itself included. */
  #skipped = 0
  #depth = 0
  #preformatted = 0
  #kind: Block['kind'] = 'text'
  #level = 0
  #words = ''
  /** Known without looking at all of the words at each new one. */
  #hasWords = false
  #line = 0
  #term: string | undefined

  constructor(text: string, firstLine: number) {
    this.#lines = new LineCounter(text, firstLine)
  }

  open(name: string, attributes: Record<string, string>, at: number): void {
    if (++this.#depth > DEPTH_MAX)
      throw new SourceError(
        'corrupt',
        `the page is nested more than ${DEPTH_MAX} deep. Save it anew in a browser, as text or PDF.`,
      )
    if (this.#skipped > 0 || SKIPPED.has(name) || isHidden(attributes)) {
      this.#skipped++
      return
    }
    if (name === 'title') this.#inTitle = true
    else if (name === 'br') this.#append('\n', at)
    else if (name === 'img' && this.#words.trim() !== '') this.#append(` ${attributes.alt ?? ''} `, at)
    const cell = this.#tables.at(-1)?.cell
    if (cell && BLOCKS.has(name) && name !== 'table') {
      cell.text += ' '
      return
    }
    if (BLOCKS.has(name)) this.#openBlock(name)
    this.#openTablePart(name, attributes, at)
  }

  close(name: string): void {
    this.#depth--
    if (this.#skipped > 0) {
      this.#skipped--
      return
    }
    if (name === 'title') this.#inTitle = false
    if (this.#closeTablePart(name)) return
    if (this.#tables.at(-1)?.cell) {
      if (BLOCKS.has(name)) this.text(' ', 0)
      return
    }
    if (!BLOCKS.has(name)) return
    this.#flush()
    if (name === 'pre') this.#preformatted = Math.max(0, this.#preformatted - 1)
    this.#kind = 'text'
  }

  text(words: string, at: number): void {
    if (this.#skipped > 0) return
    if (this.#inTitle) this.#title += words
    else this.#append(this.#preformatted > 0 ? words : words.replace(/\s+/g, ' '), at)
  }

  reading(): Reading {
    this.#flush()
    const title = oneLine(this.#title) || this.#blocks.find(({ kind }) => kind === 'heading')?.text
    return { ...(title ? { title } : {}), blocks: this.#blocks }
  }

  #append(words: string, at: number): void {
    const cell = this.#tables.at(-1)?.cell
    if (cell) {
      cell.text += words
      return
    }
    if (!this.#hasWords && words.trim() !== '') {
      this.#hasWords = true
      this.#line = this.#lines.at(at + words.length - words.trimStart().length)
    }
    this.#words += words
  }

  #openBlock(name: string): void {
    // The paragraph in a list item is the item.
    if (name === 'p' && this.#kind === 'item' && this.#words.trim() === '') return
    this.#flush()
    this.#kind = 'text'
    if (name === 'li') this.#kind = 'item'
    else if (name === 'dd') this.#kind = 'row'
    else if (name === 'pre') {
      this.#kind = 'code'
      this.#preformatted++
    } else if (/^h[1-6]$/.test(name)) {
      this.#kind = 'heading'
      this.#level = Number(name.slice(1))
    }
    if (name === 'dt') this.#term = ''
    else if (name !== 'dd') this.#term = undefined
  }

  #openTablePart(name: string, attributes: Record<string, string>, at: number): void {
    if (name === 'table') {
      // A table with another one in its cell lays out the page; what the cell held so far is a paragraph.
      const outer = this.#tables.at(-1)
      if (outer?.cell) {
        this.#push('text', oneLine(outer.cell.text), outer.rowLine)
        outer.cell.text = ''
      }
      this.#tables.push({ table: new HtmlTable(), cell: undefined, rowLine: 0 })
      return
    }
    const open = this.#tables.at(-1)
    if (!open) return
    if (name === 'thead') open.table.openHead()
    else if (name === 'tr') {
      open.rowLine = this.#lines.at(at)
      open.table.openRow()
    } else if (name === 'td' || name === 'th') {
      this.#flush()
      const columns = Number.parseInt(attributes.colspan ?? '', 10) || 1
      const rows = Number.parseInt(attributes.rowspan ?? '', 10) || 1
      open.cell = { text: '', isHeader: name === 'th', columns, rows }
    }
  }

  /** True when the element was part of a table. */
  #closeTablePart(name: string): boolean {
    const open = this.#tables.at(-1)
    if (!open) return false
    if (name === 'td' || name === 'th') {
      const { cell } = open
      if (cell)
        open.table.addCell({ text: oneLine(cell.text), isHeader: cell.isHeader }, cell.columns, cell.rows)
      open.cell = undefined
    } else if (name === 'tr') {
      const row = open.table.closeRow()
      if (row) this.#push('row', row, open.rowLine)
    } else if (name === 'thead') open.table.closeHead()
    else if (name === 'table') this.#tables.pop()
    else return false
    return true
  }

  #flush(): void {
    const text = this.#preformatted > 0 ? this.#words.replace(/^\n/, '').trimEnd() : tidy(this.#words)
    this.#words = ''
    this.#hasWords = false
    if (text === '') return
    if (this.#term === '' && this.#kind === 'text') {
      this.#term = text.replace(/:$/, '')
      return
    }
    if (this.#kind === 'row') this.#push('row', this.#term ? `${this.#term}: ${text}` : text, this.#line)
    else this.#push(this.#kind, this.#kind === 'heading' ? oneLine(text) : text, this.#line)
  }

  #push(kind: Block['kind'], text: string, line: number): void {
    if (text.trim() === '') return
    this.#blocks.push({ kind, ...(kind === 'heading' ? { level: this.#level } : {}), text, place: { line } })
  }
}

function tidy(words: string): string {
  return words
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{2,}/g, '\n')
    .trim()
}

function isHidden(attributes: Record<string, string>): boolean {
  return (
    'hidden' in attributes ||
    attributes['aria-hidden'] === 'true' ||
    attributes.role === 'navigation' ||
    /display\s*:\s*none|visibility\s*:\s*hidden/i.test(attributes.style ?? '')
  )
}

/** Counts forward only: places come in the order of the text. */
class LineCounter {
  readonly #text: string
  #line: number
  #position = 0

  constructor(text: string, firstLine: number) {
    this.#text = text
    this.#line = firstLine
  }

  at(position: number): number {
    for (;;) {
      const next = this.#text.indexOf('\n', this.#position)
      if (next === -1 || next >= position) return this.#line
      this.#position = next + 1
      this.#line++
    }
  }
}
