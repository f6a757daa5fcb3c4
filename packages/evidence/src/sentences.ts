/** A stretch of a text, end exclusive, in UTF-16 code units. */
export interface Span {
  start: number
  end: number
}

const ABBREVIATION =
  /(?:^|[\s(])(?:[A-Z]|Mr|Mrs|Ms|Mme|Dr|Prof|St|No|Nos|Art|Tel|Fig|cf|vs|approx|max|min|incl|excl|resp|ca|e\.g|i\.e|Inc|Ltd|Corp|Co|Jr|Sr|p|pp|ed|eds|etc|M|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\.$/

/** Sentences of one line or paragraph: `line` holds no line break. */
function sentencesOfLine(line: string, offset: number, out: Span[]): void {
  const ending = /[.!?…。！？]+["'”’)\]»*_]*(?=\s|$)|[。！？]/g
  let start = 0
  for (let found = ending.exec(line); found !== null; found = ending.exec(line)) {
    const end = found.index + found[0].length
    const rest = line.slice(end).trimStart()
    if (rest !== '' && found[0] === '.' && ABBREVIATION.test(line.slice(Math.max(0, end - 12), end))) continue
    // "1. What to do": a number of an enumeration is no sentence.
    if (rest !== '' && /^[\s#>*-]*(?:\d{1,3}|[A-Za-z])\.$/.test(line.slice(start, end))) continue
    if (rest !== '' && /^\p{Ll}/u.test(rest)) continue
    push(line, start, end, offset, out)
    start = end
  }
  push(line, start, line.length, offset, out)
}

function push(line: string, start: number, end: number, offset: number, out: Span[]): void {
  let from = start
  let to = end
  while (from < to && /\s/.test(line[from] ?? '')) from++
  while (to > from && /\s/.test(line[to - 1] ?? '')) to--
  if (to > from) out.push({ start: offset + from, end: offset + to })
}

const CELL = /(?:^|; )(?=[^;:\n]{1,60}: )/g

/**
 * Cells of a row, `column: value; column: value`, as start and end within the line; none when the line is no row. A value
 * may itself hold semicolons.
 */
function cellsOf(line: string): Span[] {
  const starts = [...line.matchAll(CELL)].map((match) => match.index + match[0].length)
  if (starts[0] !== 0) return []
  return starts.map((start, at) => ({ start, end: (starts[at + 1] ?? line.length + 2) - 2 }))
}

/** A row stays whole, but prose in one of its cells stands alone, as prose does. */
function unitsOfRow(line: string, cells: readonly Span[], offset: number, out: Span[]): void {
  let open: Span | undefined
  for (const cell of cells) {
    const value = cell.start + line.slice(cell.start, cell.end).indexOf(': ') + 2
    const prose = /^\p{Lu}[^:]*\s\S+\s\S+\s\S+\s[^:]*[.!?]["')]*$/u.test(line.slice(value, cell.end))
    if (prose) {
      if (open !== undefined) push(line, open.start, open.end, offset, out)
      open = undefined
      sentencesOfLine(line.slice(value, cell.end), offset + value, out)
    } else {
      open = { start: open?.start ?? cell.start, end: cell.end }
    }
  }
  if (open !== undefined) push(line, open.start, open.end, offset, out)
}

/** Sentences, rows and list items of a passage: a line break always ends one. A list marker is left outside. */
export function sentencesOf(text: string): Span[] {
  const spans: Span[] = []
  let offset = 0
  for (const line of text.split('\n')) {
    const marker = /^\s*(?:[-*•–]\s+(?:\[[ xX]\]\s+)?)?/.exec(line)?.[0].length ?? 0
    const body = line.slice(marker)
    const cells = cellsOf(body)
    if (cells.length > 1 || (cells.length === 1 && /^[\w.[\]-]+: /.test(body)))
      unitsOfRow(body, cells, offset + marker, spans)
    else sentencesOfLine(body, offset + marker, spans)
    offset += line.length + 1
  }
  return spans
}
