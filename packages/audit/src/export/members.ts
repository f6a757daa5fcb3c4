/** Names of the files in an export, in the order in which they stand there; objects are sorted by hash. */
export const README = 'README.md'
export const JOURNAL = 'journal.jsonl'
export const REPORTS = ['report.json', 'report.md', 'report.html'] as const
export const MANIFEST = 'manifest.json'
export const SEAL = 'seal.json'

const OBJECT = /^objects\/([0-9a-f]{64})$/

export function objectName(sha256: string): string {
  return `objects/${sha256}`
}

export function objectHash(name: string): string | undefined {
  return OBJECT.exec(name)?.[1]
}

/** Whether an export may have a file of this name before its seal. */
export function isMember(name: string): boolean {
  return (
    name === README ||
    name === JOURNAL ||
    name === MANIFEST ||
    REPORTS.some((report) => report === name) ||
    objectHash(name) !== undefined
  )
}
