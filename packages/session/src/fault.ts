/** One thing that is wrong with what a user wrote, and what to do about it. */
export interface Fault {
  /** As the user named it; empty when the text is not from a file. */
  file: string
  /** From 1; 0 when the text is not from a file. */
  line: number
  /** From 1, in UTF-16 code units; 0 when the text is not from a file. */
  column: number
  /** As in `tasks[2].needs[0]`; empty for the whole. */
  path: string
  message: string
}

/** For people: `mission.yaml:4:12 agents.worker.count: must be from 1 to 1,000, is 0`. */
export function formatFault(fault: Fault): string {
  const place = fault.line > 0 ? `${fault.file}:${fault.line}:${fault.column}` : fault.file
  const subject = [place, fault.path].filter((part) => part !== '').join(' ')
  return subject === '' ? fault.message : `${subject}: ${fault.message}`
}

export type Path = readonly (string | number)[]

/** `['tasks', 2, 'id']` as `tasks[2].id`. A key that would read badly is quoted. */
export function formatPath(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/^[\w./:-]{1,200}$/.test(part)) text += text === '' ? part : `.${part}`
    else text += `[${quoted(part)}]`
  }
  return text
}

/** A value of the user's, short and on one line, with whatever cannot be seen made visible. */
export function quoted(text: string, charactersMax = 40): string {
  const characters = [...text.slice(0, 2 * charactersMax + 2)]
  const shown = characters.slice(0, charactersMax).join('')
  const visible = shown.replace(/[\p{C}\u2028\u2029"\\]/gu, escapeCharacter)
  return characters.length > charactersMax ? `"${visible}…"` : `"${visible}"`
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

/** What a value is, to follow "is": `0`, `the text "ten"`, `a list`. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (typeof value === 'string') return `the text ${quoted(value)}`
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return Array.isArray(value) ? 'a list' : 'a mapping'
}
