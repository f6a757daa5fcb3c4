import { type AnswerBlock, answerBlocks, type Inline, inlines } from './answer-blocks.ts'
import { escapeHtml } from './escape-html.ts'
import { visible } from './visible.ts'

/** An agent's Markdown as HTML: paragraphs, lists, quotes and emphasis, nothing that loads or leads anywhere. */
export function answerHtml(markdown: string): string {
  const html = answerBlocks(visible(markdown)).map(block).join('\n')
  return html === '' ? '' : `<div class="answer" dir="auto">\n${html}\n</div>`
}

function block(one: AnswerBlock): string {
  switch (one.kind) {
    case 'paragraph':
      return `<p>${one.lines.map(inline).join('<br>')}</p>`
    case 'heading':
      // The document's own headings are its outline: an agent's are only strong.
      return `<p class="lead">${one.lines.map(inline).join(' ')}</p>`
    case 'quote':
      return `<blockquote>${one.lines.map(inline).join('\n')}</blockquote>`
    case 'code':
      return `<pre><code>${escapeHtml(one.text)}</code></pre>`
    case 'list':
      return `<ul>\n${one.items.map(item).join('\n')}\n</ul>`
  }
}

function item({ depth, number, text }: { depth: number; number: string | null; text: string }): string {
  const label = number === null ? '' : `${number}. `
  return `<li${depth === 0 ? '' : ` class="d${depth}"`}>${label}${inline(text)}</li>`
}

function inline(line: string): string {
  return inlines(line).map(span).join('')
}

function span({ kind, text }: Inline): string {
  const escaped = escapeHtml(text)
  if (kind === 'text') return escaped
  const tag = kind === 'strong' ? 'strong' : kind === 'emphasis' ? 'em' : 'code'
  return `<${tag}>${escaped}</${tag}>`
}
