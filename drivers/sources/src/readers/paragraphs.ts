import type { Block } from '@infrafabric/evidence'
import { oneLine, rowText } from './row.ts'

interface Line {
  text: string
  indent: number
  number: number
}

/**
 * Plain text as people lay it out: blank lines part paragraphs; lines that were wrapped at a margin are joined
 * again; list items, columns and short lines broken on purpose stay what they are.
 *
 * @param firstLine number of the first line in its source
 */
export function paragraphs(text: string, firstLine = 1): Block[] {
  const lines = text.split('\n').map((raw, index) => toLine(raw, firstLine + index))
  const margin = marginOf(lines)
  const blocks: Block[] = []
  let run: Line[] = []
  for (const line of lines) {
    if (line.text !== '') {
      run.push(line)
      continue
    }
    if (run.length > 0) blocks.push(...blocksOfRun(run, margin))
    run = []
  }
  if (run.length > 0) blocks.push(...blocksOfRun(run, margin))
  return blocks
}

function toLine(raw: string, number: number): Line {
  const expanded = raw.replaceAll('\f', '')
  const text = expanded.trim()
  const indent = expanded.length - expanded.trimStart().length
  return {
    text:
      text.length < RULED_MAX && RULE.test(text)
        ? /^[=~-]+$/.test(text)
          ? text
          : text.replace(/^[-=_*~#+]{5,}\s*|\s*[-=_*~#+]{5,}$/g, '')
        : text,
    indent,
    number,
  }
}

/** A drawn line, alone or before a few words, as in `------ Page 2 of 2`. */
const RULE = /^[-=_*~#+]{5,}|[-=_*~#+]{5,}$/
/** A longer line is no drawing, and would take the pattern long. */
const RULED_MAX = 1_000
const UNDERLINE = /^([=~-])\1{2,}$/
const ITEM = /^(?:[-*•·‣–—]|\(?\d{1,3}[.)]|\([a-z]{1,4}\)|[a-z]\)|\[[ x]\])\s+(?=\S)/i
/** Space that parts columns, or the dots that lead the eye from one to the other. */
const GAP = /\t+| {3,}|(?:\.\s?){4,}/
const HEADING_NUMBER =
  /^(?:(?:article|section|chapter|part|annex|appendix|schedule)\s+[\divxlc]+[.:)]?|\d{1,2}(?:\.\d{1,2}){0,3}[.)]?)\s+\p{Lu}/iu

/** Where the author's lines end; Infinity where nothing was wrapped. */
function marginOf(lines: Line[]): number {
  const widths = lines
    .map(({ text, indent }) => text.length + indent)
    .filter((width) => width >= 40)
    .sort((a, b) => a - b)
  const width = widths[Math.floor(widths.length * 0.9)] ?? Number.POSITIVE_INFINITY
  return width > 140 ? Number.POSITIVE_INFINITY : width
}

function blocksOfRun(run: Line[], margin: number): Block[] {
  const heading = headingOf(run)
  if (heading) return [heading.block, ...(heading.rest.length > 0 ? blocksOfRun(heading.rest, margin) : [])]
  const blocks: Block[] = []
  let current: { kind: Block['kind']; indent: number; lines: Line[] } | undefined
  const flush = () => {
    if (current) blocks.push(blockOf(current.kind, current.lines, margin))
    current = undefined
  }
  for (const line of run) {
    if (UNDERLINE.test(line.text)) {
      flush()
      continue
    }
    const inList = !current || current.kind === 'item' || /[.:;!?)]$/.test(current.lines.at(-1)?.text ?? '')
    if (ITEM.test(line.text) && (inList || /^(?:[-*•‣]|\[[ x]\])/i.test(line.text))) {
      flush()
      current = { kind: 'item', indent: line.indent, lines: [line] }
    } else if (GAP.test(line.text)) {
      flush()
      current = { kind: 'row', indent: line.indent, lines: [line] }
    } else if (current?.kind === 'row' && line.indent < current.indent + 4) {
      flush()
      current = { kind: 'text', indent: line.indent, lines: [line] }
    } else if (current) {
      current.lines.push(line)
    } else {
      current = { kind: 'text', indent: line.indent, lines: [line] }
    }
  }
  flush()
  return blocks
}

/** Underlined, or alone between blank lines and either in capitals or numbered as sections are. */
function headingOf(run: Line[]): { block: Block; rest: Line[] } | undefined {
  const [line, under] = run
  if (!line || line.text.length > 90 || GAP.test(line.text)) return undefined
  const place = { line: line.number }
  if (
    under &&
    UNDERLINE.test(under.text) &&
    under.text.length * 2 >= line.text.length &&
    !UNDERLINE.test(line.text)
  ) {
    const block: Block = {
      kind: 'heading',
      level: under.text.startsWith('=') ? 1 : 2,
      text: oneLine(line.text),
      place,
    }
    return { block, rest: run.slice(2) }
  }
  if (run.length > 1 || /[.,;:?!]$/.test(line.text)) return undefined
  const letters = line.text.replace(/[^\p{L}]/gu, '')
  const capitals =
    letters.length >= 4 && letters === letters.toUpperCase() && letters !== letters.toLowerCase()
  if (!capitals && !HEADING_NUMBER.test(line.text)) return undefined
  return { block: { kind: 'heading', level: 2, text: oneLine(line.text), place }, rest: [] }
}

function blockOf(kind: Block['kind'], lines: Line[], margin: number): Block {
  const first = lines[0]
  const last = lines.at(-1)
  const place = { line: first?.number ?? 1, ...(last && last !== first ? { lineEnd: last.number } : {}) }
  if (kind === 'row') {
    const cells = joinUnits((first?.text ?? '').split(GAP))
    return {
      kind,
      text: [rowText([], cells), ...lines.slice(1).map((line) => oneLine(line.text))].join(' '),
      place,
    }
  }
  let text = ''
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1]
    const words = oneLine(index === 0 && kind === 'item' ? line.text.replace(/^[-*•·‣–—]\s+/, '') : line.text)
    if (!before) text = words
    else text += (wrapped(before, line, margin) ? ' ' : '\n') + words
  }
  return { kind, text, place }
}

/** The line was broken at the margin when the next word would not have fitted any more. */
function wrapped(line: Line, next: Line, margin: number): boolean {
  const word = next.text.split(/\s/, 1)[0] ?? ''
  return line.indent + line.text.length + 1 + word.length > margin * 0.85
}

/** In `Hull   EUR   640,000` the currency belongs to the figure. */
function joinUnits(cells: string[]): string[] {
  const joined: string[] = []
  for (const cell of cells) {
    const before = joined.at(-1)
    if (
      before !== undefined &&
      joined.length > 1 &&
      /^(?:[A-Z]{2,4}|\p{Sc})$/u.test(before) &&
      /^[-+]?\d/.test(cell)
    )
      joined[joined.length - 1] = `${before} ${cell}`
    else joined.push(cell)
  }
  return joined
}
