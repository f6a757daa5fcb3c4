/** A stretch of an answer. Anything an agent writes comes down to these: there are no links, images or HTML. */
export type AnswerBlock =
  | { kind: 'paragraph' | 'heading' | 'quote'; lines: string[] }
  | { kind: 'list'; items: { depth: number; number: string | null; text: string }[] }
  | { kind: 'code'; text: string }

export interface Inline {
  kind: 'text' | 'strong' | 'emphasis' | 'code'
  text: string
}

const DEPTH_MAX = 3

/** Reads the plain part of Markdown: paragraphs, lists, quotes, headings, fenced code. Linear in the text's length. */
export function answerBlocks(markdown: string): AnswerBlock[] {
  const blocks: AnswerBlock[] = []
  const lines = markdown.split('\n')
  let previousBlank = true
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const last = blocks.at(-1)
    if (line.trim() === '') {
      previousBlank = true
      continue
    }
    const fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence !== undefined) {
      const code: string[] = []
      for (at++; at < lines.length && !(lines[at] ?? '').trim().startsWith(fence); at++)
        code.push(lines[at] ?? '')
      blocks.push({ kind: 'code', text: code.join('\n') })
      previousBlank = true
      continue
    }
    const heading = /^ {0,3}#{1,6}\s+(.*)$/.exec(line)?.[1]
    const item = /^(\s*)(?:[-*+•]|(\d{1,9})[.)])\s+(.*)$/.exec(line)
    if (heading !== undefined) blocks.push({ kind: 'heading', lines: [heading.replace(/\s+#+\s*$/, '')] })
    else if (/^ {0,3}>/.test(line)) {
      const text = line.replace(/^ {0,3}> ?/, '').trimEnd()
      if (last?.kind === 'quote' && !previousBlank) last.lines.push(text)
      else blocks.push({ kind: 'quote', lines: [text] })
    } else if (/^ {0,3}(?:[-*_] *){3,}$/.test(line)) {
      // A rule parts what paragraphs part already.
    } else if (item !== null) {
      const [, indent = '', number = null, text = ''] = item
      const entry = {
        depth: Math.min(DEPTH_MAX, Math.floor(indent.length / 2)),
        number,
        text: text.trimEnd(),
      }
      if (last?.kind === 'list') last.items.push(entry)
      else blocks.push({ kind: 'list', items: [entry] })
    } else if (last?.kind === 'list' && !previousBlank) {
      const open = last.items.at(-1)
      if (open !== undefined) open.text += ` ${line.trim()}`
    } else if (last?.kind === 'paragraph' && !previousBlank) {
      const before = last.lines.at(-1) ?? ''
      if (/(?: {2}|\\)$/.test(lines[at - 1] ?? '') || line.trimStart().startsWith('|'))
        last.lines.push(line.trim())
      else last.lines[last.lines.length - 1] = `${before} ${line.trim()}`
    } else blocks.push({ kind: 'paragraph', lines: [line.trim().replace(/\\$/, '')] })
    previousBlank = false
  }
  return blocks
}

const INLINE =
  /\*\*(?=\S)([^*\n]{1,400})\*\*|(?<![\p{L}\d*])\*(?=\S)([^*\n]{1,400}?)(?<=\S)\*(?![\p{L}\d*])|`([^`\n]{1,400})`|!?\[([^[\]\n]{0,300})\]\(([^()\s]{0,500})\)|\\([\\`*_{}[\]()#+\-.!<>|~&])/gu

/** Emphasis and code of one line; a link becomes its words and, behind them, its address as plain text. */
export function inlines(line: string): Inline[] {
  const parts: Inline[] = []
  const text = (more: string): void => {
    const last = parts.at(-1)
    if (more === '') return
    if (last?.kind === 'text') last.text += more
    else parts.push({ kind: 'text', text: more })
  }
  let done = 0
  for (const match of line.matchAll(INLINE)) {
    text(line.slice(done, match.index))
    done = match.index + match[0].length
    const [, strong, emphasis, code, label, address, escaped] = match
    if (strong !== undefined) parts.push({ kind: 'strong', text: strong })
    else if (emphasis !== undefined) parts.push({ kind: 'emphasis', text: emphasis })
    else if (code !== undefined) parts.push({ kind: 'code', text: code })
    else if (escaped !== undefined) text(escaped)
    else text(label === '' || label === address ? (address ?? '') : `${label} (${address})`)
  }
  text(line.slice(done))
  return parts
}
