import { rowText } from './row.ts'

interface Cell {
  text: string
  isHeader: boolean
}

/** Spans are the author's claim; more than this is a mistake or an attack. */
const SPAN_MAX = 100

/** Rows of one HTML table, with each cell under the header of its own column although cells span several. */
export class HtmlTable {
  #headers: string[] = []
  #row: Cell[] | undefined
  /** Cells of rows above that reach into the rows to come, by column. */
  #reaching: { cell: Cell; rows: number }[] = []
  #isHead = false
  #rowsSeen = 0

  openHead(): void {
    this.#isHead = true
  }

  closeHead(): void {
    this.#isHead = false
  }

  openRow(): void {
    this.#row = []
    this.#fillFromAbove()
  }

  addCell(cell: Cell, columns: number, rows: number): void {
    const row = this.#row ?? []
    this.#row = row
    for (let i = 0; i < Math.min(Math.max(columns, 1), SPAN_MAX); i++) {
      // A cell over several columns says its text once; a header names all of its columns.
      const spread = i === 0 || cell.isHeader ? cell : { ...cell, text: '' }
      if (rows > 1) this.#reaching[row.length] = { cell: spread, rows: Math.min(rows, SPAN_MAX) - 1 }
      row.push(spread)
    }
    this.#fillFromAbove()
  }

  /** The row's text; undefined when it is a header row or empty. */
  closeRow(): string | undefined {
    const row = this.#row ?? []
    this.#row = undefined
    this.#rowsSeen++
    const allHeaders = row.length > 1 && row.every(({ isHeader }) => isHeader)
    if (this.#isHead || (allHeaders && (this.#rowsSeen === 1 || this.#headers.length > 0))) {
      this.#headers = row.map(({ text }, column) => joinHeaders(this.#headers[column], text))
      return undefined
    }
    const texts = row.map(({ text }) => text)
    const [first] = row
    if (this.#headers.length === 0 && first?.isHeader && row.length > 1)
      return `${first.text.replace(/:$/, '')}: ${rowText([], texts.slice(1))}`
    return rowText(this.#headers, texts) || undefined
  }

  #fillFromAbove(): void {
    const row = this.#row ?? []
    for (
      let above = this.#reaching[row.length];
      above && above.rows > 0;
      above = this.#reaching[row.length]
    ) {
      above.rows--
      row.push(above.cell)
    }
  }
}

function joinHeaders(above: string | undefined, text: string): string {
  return above && text && above !== text ? `${above} ${text}` : text || above || ''
}
