import type { Block, Place } from '@infrafabric/evidence'
import MarkdownIt, { type Env, type Token } from 'markdown-it'
import { decodeText } from '../decode-text.ts'
import type { Reader, Reading } from './reader.ts'
import { oneLine, rowText } from './row.ts'

/**
 * CommonMark with tables. Blocks hold what a reader sees: of `**bold**` and `[links](…)` the words are kept and
 * the marks dropped, so that quotes read well; of an image its description.
 */
export const markdownReader: Reader = {
  name: 'markdown/1',
  async read(bytes, { charset }) {
    const { text } = decodeText(bytes, charset)
    const matter = FRONT_MATTER.exec(text)
    if (!matter) return readMarkdown(text, 0)
    const front = await frontMatter(matter[1] ?? '')
    if (!front) return readMarkdown(text, 0)
    const skipped = matter[0].split('\n').length - 1
    const reading = await readMarkdown(text.slice(matter[0].length), skipped)
    return { ...reading, blocks: [...front, ...reading.blocks] }
  },
}

/** undefined where it is no YAML, and so just a rule above some words. */
async function frontMatter(text: string): Promise<Block[] | undefined> {
  const { yamlBlocks } = await import('./yaml.ts')
  try {
    return yamlBlocks(text, 2)
  } catch {
    return undefined
  }
}

const INLINE = new MarkdownIt({ html: true, linkify: false, typographer: false })
/** Inline marks are parsed by `inlineText`, and only where there are any: half of the time would go there. */
const BLOCKS = new MarkdownIt({ html: true, linkify: false, typographer: false }).disable('inline')

const FRONT_MATTER = /^---[ \t]*\n([\s\S]*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)/

async function readMarkdown(text: string, skipped: number): Promise<Reading> {
  const env = {}
  const tokens = BLOCKS.parse(text, env)
  const html = tokens.some(({ type }) => type === 'html_block') ? await import('./html.ts') : undefined
  const blocks: Block[] = []
  let level: number | undefined
  let itemDepth = 0
  let headers: string[] = []
  let cells: string[] | undefined
  let inHead = false
  let row: Place = {}
  for (const token of tokens) {
    const place = placeOf(token, skipped)
    switch (token.type) {
      case 'heading_open':
        level = Number(token.tag.slice(1))
        break
      case 'heading_close':
        level = undefined
        break
      case 'list_item_open':
        itemDepth++
        break
      case 'list_item_close':
        itemDepth--
        break
      case 'thead_open':
        headers = []
        inHead = true
        break
      case 'thead_close':
        inHead = false
        break
      case 'tr_open':
        cells = []
        row = place
        break
      case 'tr_close': {
        if (inHead) headers = cells ?? []
        else push(blocks, 'row', rowText(headers, cells ?? []), row)
        cells = undefined
        break
      }
      case 'fence':
      case 'code_block':
        push(blocks, 'code', token.content.trimEnd(), place)
        break
      case 'html_block':
        if (html && token.map)
          for (const block of html.readHtml(token.content, token.map[0] + 1 + skipped).blocks)
            blocks.push(block)
        break
      case 'inline': {
        const words = inlineText(token.content, env)
        if (cells) cells.push(words)
        else if (level !== undefined) push(blocks, 'heading', oneLine(words), place, level)
        else push(blocks, itemDepth > 0 ? 'item' : 'text', words, place)
        break
      }
    }
  }
  const title = blocks.find((block) => block.kind === 'heading' && block.level === 1)?.text
  return { ...(title ? { title } : {}), blocks }
}

function push(blocks: Block[], kind: Block['kind'], text: string, place: Place, level?: number): void {
  if (text.trim() !== '') blocks.push({ kind, ...(level === undefined ? {} : { level }), text, place })
}

function placeOf(token: Token, skipped: number): Place {
  if (!token.map) return {}
  const [start, end] = token.map
  return { line: start + 1 + skipped, ...(end - start > 1 ? { lineEnd: end + skipped } : {}) }
}

/** Characters that may begin a mark, and the two ways to break a line; prose without them needs no parsing. */
const MARKS = /[\\`*_[\]<&!]| {2}\n/

/** Nobody writes longer paragraphs; the parser looks at all of what follows at each `<`. */
const MARKED_MAX = 20_000

/** A paragraph that is nothing but images (badges, mostly) says nothing. */
function inlineText(content: string, env: Env): string {
  if (!MARKS.test(content) || content.length > MARKED_MAX) return oneLine(content)
  const children = INLINE.parseInline(content, env)[0]?.children ?? []
  const hasWords = children.some(
    ({ type, content }) => (type === 'text' || type === 'code_inline') && content.trim() !== '',
  )
  if (!hasWords) return ''
  return children
    .map(({ type, content }) => {
      if (type === 'softbreak') return ' '
      if (type === 'hardbreak' || /^<br\s*\/?>$/i.test(content)) return '\n'
      return type === 'html_inline' ? '' : content
    })
    .join('')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .trim()
}
