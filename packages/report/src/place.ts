import type { Place } from '@infrafabric/evidence'

/** `page 3`, `line 7`, `lines 12–18`, or empty. */
export function placeOf({ page, line, lineEnd }: Place): string {
  if (page !== undefined) return `page ${page}`
  if (line === undefined) return ''
  return lineEnd === undefined || lineEnd === line ? `line ${line}` : `lines ${line}–${lineEnd}`
}
