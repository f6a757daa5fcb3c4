/** One line of a table as it is shown and quoted: `Date: 2026-04-02; Hours: 1,240`. Empty cells are left out. */
export function rowText(headers: readonly string[], cells: readonly string[]): string {
  const filled = cells
    .map((cell, index) => ({ header: oneLine(headers[index] ?? ''), text: oneLine(cell) }))
    .filter(({ text }) => text !== '')
  const [first, second] = filled
  // A table of two columns without headers is a list of names and values.
  if (first && second && filled.length === 2 && !first.header && !second.header)
    return `${first.text.replace(/:$/, '')}: ${second.text}`
  return filled.map(({ header, text }) => (header ? `${header.replace(/:$/, '')}: ${text}` : text)).join('; ')
}

export function oneLine(text: string): string {
  // Single spaces, which are most of them, are passed over.
  return text.replace(/\s{2,}|[^\S ]/g, ' ').trim()
}
