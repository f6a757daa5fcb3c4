import { visibleLine } from './visible.ts'

/** Columns for a terminal; those after the first that hold numbers stand to the right. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headers, ...rows].map((row) => row.map((cell) => visibleLine(cell)))
  const widths = headers.map((_, column) =>
    lines.reduce((widest, line) => Math.max(widest, (line[column] ?? '').length), 0),
  )
  const numeric = headers.map(
    (_, column) => column > 0 && rows.every((row) => /^-?[$\d][\d.]*$/.test(row[column] ?? '')),
  )
  return lines
    .map((line) =>
      line
        .map((cell, column) => {
          const width = widths[column] ?? 0
          return numeric[column] ? cell.padStart(width) : cell.padEnd(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
