import { visible, visibleLine } from './visible.ts'

/**
 * One line of somebody's text as Markdown that shows exactly these characters: no emphasis, link, image, HTML,
 * heading or list comes of it, in CommonMark or in GitHub's dialect. Stays readable as plain text.
 */
export function escapeLine(text: string): string {
  return visibleLine(text)
    .replace(/[\\`*[\]<>|~]/g, '\\$&')
    .replace(/(?<![\p{L}\d])_|_(?![\p{L}\d])/gu, '\\_')
    .replace(/&(?=[#\p{L}])/gu, '\\&')
    .replace(/:\/\//g, '\\://')
    .replace(/\bwww\./gi, (start) => `${start.slice(0, -1)}\\.`)
    .replace(/(?<=\S)@(?=\S)/g, '\\@')
    .replace(/^([#+=-])/, '\\$1')
    .replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2')
}

export function codeSpan(text: string): string {
  const line = visibleLine(text)
  const fence = '`'.repeat(longestRun(line) + 1)
  const padded = line === '' || line.startsWith('`') || line.endsWith('`') ? ` ${line} ` : line
  return `${fence}${padded}${fence}`
}

/** Somebody's text as a code block that nothing in it can close. */
export function codeBlock(text: string): string {
  const shown = visible(text)
  const fence = '`'.repeat(Math.max(3, longestRun(shown) + 1))
  return `${fence}\n${shown}\n${fence}`
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0)
}

/** Every line break kept. `prefix` is put before each line, as `> `. */
export function quoteBlock(lines: readonly string[], prefix = '> '): string {
  return lines
    .map((line, at) => {
      const hard = at < lines.length - 1 && line !== '' && lines[at + 1] !== '' ? '  ' : ''
      return `${prefix}${line}${hard}`.replace(/^(\s*>) $/, '$1')
    })
    .join('\n')
}
