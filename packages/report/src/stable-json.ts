/** Indented JSON. Members stand in the order in which they were built, which is the order of docs/report.md. */
export function stableJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
