import type { Block } from '@infrafabric/evidence'
import { parse } from 'csv-parse/sync'
import { decodeText } from '../decode-text.ts'
import type { Reader } from './reader.ts'
import { oneLine, rowText } from './row.ts'

/** Comma, semicolon, tab or bar; found out, not asked. Rows with too few or too many cells are kept. */
export const csvReader: Reader = {
  name: 'csv/1',
  async read(bytes, { name, charset, mediaType }) {
    const { text } = decodeText(bytes, charset)
    const delimiter = mediaType === 'text/tab-separated-values' ? '\t' : sniffDelimiter(text)
    try {
      return { blocks: rowsOf(parseRecords(text, delimiter)) }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const detail = `${name} is faulty (${why}). Its quotation marks were read as they stand; correct it if cells are cut wrongly.`
      return {
        blocks: rowsOf(parseRecords(text, delimiter, false)),
        notes: [{ code: 'read-as-text', detail }],
      }
    }
  },
}

interface CsvRecord {
  cells: string[]
  line: number
  lineEnd: number
}

const DELIMITERS = [',', ';', '\t', '|']

function parseRecords(text: string, delimiter: string, hasQuotes = true): CsvRecord[] {
  const rows = parse(text, {
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    ...(hasQuotes ? {} : { quote: false }),
  }) as unknown as { record: string[]; info: { lines: number } }[]
  return rows.map(({ record, info }) => {
    const breaks = record.reduce((count, cell) => count + cell.split('\n').length - 1, 0)
    // The parser counts a line when it meets its end, which the last one may lack.
    return { cells: record.map(oneLine), line: info.lines - breaks, lineEnd: info.lines }
  })
}

/** The delimiter that cuts the most rows into as many cells as the first full one has. */
function sniffDelimiter(text: string): string {
  const head = text
    .slice(0, 64 * 1024)
    .split('\n')
    .slice(0, 50)
    .join('\n')
  let best = { delimiter: ',', score: 0 }
  for (const delimiter of DELIMITERS) {
    let widths: number[]
    try {
      widths = parseRecords(head, delimiter).map(({ cells }) => cells.length)
    } catch {
      continue
    }
    const width = commonest(widths)
    if (width < 2) continue
    const even = widths.filter((cells) => cells === width).length / widths.length
    const score = even * even * Math.log2(width) * (widths[0] === width ? 2 : 1)
    if (score > best.score) best = { delimiter, score }
  }
  return best.delimiter
}

function commonest(numbers: number[]): number {
  const counts = new Map<number, number>()
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 0
}

function rowsOf(records: CsvRecord[]): Block[] {
  const width = commonest(records.slice(0, 200).map(({ cells }) => cells.length))
  const blocks: Block[] = []
  let headers: string[] | undefined
  for (const { cells, line, lineEnd } of records) {
    const place = { line, ...(lineEnd > line ? { lineEnd } : {}) }
    if (headers === undefined) {
      // Exports often have a title, or who made them when, above the table.
      const filled = cells.filter((cell) => cell !== '')
      if (width > 1 && filled.length <= 1 && cells.length < width) {
        if (filled[0]) blocks.push({ kind: 'text', text: filled[0], place })
        continue
      }
      headers = isHeader(cells) ? cells : []
      if (headers.length > 0) continue
    }
    const text = rowText(headers, cells)
    if (text !== '') blocks.push({ kind: 'row', text, place })
  }
  // A table of headers only still says what it would hold.
  if (blocks.length === 0 && headers && headers.length > 0)
    blocks.push({ kind: 'row', text: rowText([], headers), place: { line: records[0]?.line ?? 1 } })
  return blocks
}

/** Names, not figures or dates, and no name twice. */
function isHeader(cells: string[]): boolean {
  const named = cells.filter((cell) => cell !== '')
  return (
    named.length > 0 &&
    named.length >= cells.length / 2 &&
    new Set(named).size === named.length &&
    named.every(
      (cell) => /\p{L}/u.test(cell) && !/^\d{1,4}[-/.]\w{1,3}[-/.]\d{2,4}/.test(cell) && cell.length <= 80,
    )
  )
}
