/** One run of glyphs as the PDF places it; the origin is the page's lower left corner, lengths are points. */
export interface PdfRun {
  text: string
  x: number
  y: number
  width: number
  height: number
  font: string
}

/** Runs on one baseline, in the order in which the page draws them. */
export interface PdfLine {
  cells: PdfCell[]
  text: string
  page: number
  x: number
  right: number
  y: number
  height: number
  font: string
}

/** Part of a line between two wide gaps. */
export interface PdfCell {
  text: string
  x: number
  right: number
}

/**
 * Files draw one column after the other, so the order of drawing is kept and only neighbours are joined. A gap
 * wider than this many times the letters' height parts two cells.
 */
const CELL_GAP = 1.2
const WORD_GAP = 0.15

export function linesOfPage(runs: readonly PdfRun[], page: number): PdfLine[] {
  const lines: PdfLine[] = []
  const letters = new Map<PdfLine, Map<string, number>>()
  let line: PdfLine | undefined
  for (const run of runs) {
    if (run.text.trim() === '') continue
    const isSame =
      line !== undefined &&
      Math.abs(run.y - line.y) < Math.max(run.height, line.height) * 0.45 &&
      run.x > line.right - line.height * 2
    if (!line || !isSame) {
      line = {
        cells: [],
        text: '',
        page,
        x: run.x,
        right: run.x,
        y: run.y,
        height: run.height,
        font: run.font,
      }
      lines.push(line)
    }
    addRun(line, run)
    const fonts = letters.get(line) ?? new Map<string, number>()
    letters.set(line, fonts.set(run.font, (fonts.get(run.font) ?? 0) + run.text.length))
  }
  for (const each of lines) {
    each.cells = each.cells
      .map((cell) => ({ ...cell, text: tidy(cell.text) }))
      .filter(({ text }) => text !== '')
    each.text = each.cells.map(({ text }) => text).join(' ')
    each.font = [...(letters.get(each) ?? [])].sort((a, b) => b[1] - a[1])[0]?.[0] ?? each.font
  }
  return lines.filter(({ text }) => text !== '')
}

function addRun(line: PdfLine, run: PdfRun): void {
  const cell = line.cells.at(-1)
  const gap = run.x - line.right
  const height = Math.max(line.height, run.height)
  if (!cell || gap > height * CELL_GAP)
    line.cells.push({ text: run.text, x: run.x, right: run.x + run.width })
  else {
    cell.text += (gap > height * WORD_GAP ? ' ' : '') + run.text
    cell.right = run.x + run.width
  }
  line.right = Math.max(line.right, run.x + run.width)
  line.height = height
}

function tidy(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: fonts without a map give such codes
      .replace(/[\x00-\x1f\x7f\ufeff\ufffe\uffff]/g, ' ')
      .toWellFormed()
      .replace(/\s+/g, ' ')
      .trim()
  )
}

/** Running heads, feet and page numbers: the same words at the same height on at least half of the pages. */
export function withoutRunningHeads(pages: readonly PdfLine[][]): PdfLine[][] {
  const counts = new Map<string, number>()
  const keys = pages.map((lines) => new Set(lines.map(runningKey)))
  for (const page of keys) for (const key of page) counts.set(key, (counts.get(key) ?? 0) + 1)
  const enough = Math.max(2, Math.ceil(pages.length / 2))
  return pages.map((lines) => {
    const heights = lines.map(({ y }) => y)
    const top = Math.max(...heights.slice(0, 10_000))
    const bottom = Math.min(...heights.slice(0, 10_000))
    const isOuter = ({ y, height }: PdfLine) => y > top - height * 3 || y < bottom + height * 3
    return lines.filter((line) => !isOuter(line) || (counts.get(runningKey(line)) ?? 0) < enough)
  })
}

function runningKey(line: PdfLine): string {
  return `${Math.round(line.y)} ${line.text.replace(/\d+/g, '0')}`
}
