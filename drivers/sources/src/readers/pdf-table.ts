import type { PdfCell, PdfLine } from './pdf-lines.ts'
import { rowText } from './row.ts'

interface Row {
  cells: PdfCell[]
  font: string
}

/** The table whose first line is `lines[start]`, and where it ends. Cells of several lines are joined. */
export function readTable(lines: readonly PdfLine[], start: number): { rows: string[]; end: number } {
  const rows: Row[] = []
  let end = start
  for (let line = lines[end]; line; line = lines[end]) {
    const before = lines[end - 1]
    const drop = end === start || !before ? 0 : before.y - line.y
    if (end > start && (drop <= 0 || !before || drop > before.height * 4)) break
    const columns = before && drop <= before.height * 1.5 ? continuedColumns(line, rows.at(-1)) : undefined
    if (columns) for (const { cell, text } of columns) cell.text += ` ${text}`
    else if (line.cells.length > 1)
      rows.push({ cells: line.cells.map((cell) => ({ ...cell })), font: line.font })
    else break
    end++
  }
  return { rows: rowTexts(rows), end }
}

/** Cells of the row above that this line goes on with: it has none in the first column, and all are aligned. */
function continuedColumns(
  line: PdfLine,
  row: Row | undefined,
): { cell: PdfCell; text: string }[] | undefined {
  const columns: { cell: PdfCell; text: string }[] = []
  for (const { x, text } of line.cells) {
    const cell = row?.cells.slice(1).find((above) => Math.abs(above.x - x) < 2)
    if (!cell) return undefined
    columns.push({ cell, text })
  }
  return columns
}

function rowTexts(rows: Row[]): string[] {
  const [head, ...rest] = rows
  const plain = rows.map(({ cells }) => rowText([], textsOf(cells)))
  if (!head || !isHead(head, rest)) return plain
  const headed: string[] = []
  for (const row of rest) {
    const texts = head.cells.map(() => '')
    for (const cell of row.cells) {
      const column = columnOf(cell, head.cells)
      // One cell under two headers, or two under one: a guess would put words in the document's mouth.
      if (column === undefined || texts[column] !== '') return plain
      texts[column] = cell.text
    }
    headed.push(rowText(textsOf(head.cells), texts))
  }
  return headed
}

function textsOf(cells: PdfCell[]): string[] {
  return cells.map(({ text }) => text)
}

/** Names in another font than the rows below, or names over a column of figures. */
function isHead(head: Row, rest: Row[]): boolean {
  if (rest.length === 0 || head.cells.some(({ text }) => !/\p{L}/u.test(text) || text.length > 60))
    return false
  if (rest.every(({ font }) => font !== head.font)) return true
  if (head.cells.length < 3 || rest.length < 2) return false
  return head.cells.some((header) => {
    if (startsWithFigure(header.text)) return false
    const below = rest.flatMap(({ cells }) =>
      cells.filter((cell) => cell.x < header.right && cell.right > header.x),
    )
    return (
      below.length >= rest.length / 2 &&
      below.filter(({ text }) => startsWithFigure(text)).length > below.length / 2
    )
  })
}

function startsWithFigure(text: string): boolean {
  return /^[-+(]?\p{Sc}?\s?\d/u.test(text)
}

function columnOf(cell: PdfCell, headers: PdfCell[]): number | undefined {
  const overlaps = headers.flatMap((header, index) =>
    cell.x < header.right && cell.right > header.x ? [index] : [],
  )
  if (overlaps.length === 1) return overlaps[0]
  const aligned = headers.findIndex(
    (header) => Math.abs(header.x - cell.x) < 3 || Math.abs(header.right - cell.right) < 3,
  )
  return aligned === -1 ? undefined : aligned
}
