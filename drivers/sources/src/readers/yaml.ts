import type { Block } from '@infrafabric/evidence'
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml'
import { decodeText } from '../decode-text.ts'
import { DATA_DEPTH_MAX, type DataNode } from './data-node.ts'
import { dataBlocks } from './data-rows.ts'
import { orAsText } from './json.ts'
import type { Reader } from './reader.ts'
import { oneLine } from './row.ts'

export const yamlReader: Reader = {
  name: 'yaml/1',
  async read(bytes, { name, charset }) {
    const { text } = decodeText(bytes, charset)
    return orAsText(name, text, () => yamlBlocks(text, 1))
  },
}

/** Values that all aliases together may expand to: far above any real file, far below a bomb. */
const ALIASED_MAX = 100_000

/**
 * All documents of the text. Throws SyntaxError where one is faulty or its aliases expand
 * to too much. @param firstLine number of the text's first line in its source
 */
export function yamlBlocks(text: string, firstLine: number): Block[] {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    logLevel: 'silent',
    strict: false,
    uniqueKeys: false,
  })
  if (!Array.isArray(documents)) return []
  const blocks: Block[] = []
  const shift = firstLine - 1
  let aliased = 0
  for (const document of documents) {
    const [fault] = document.errors
    if (fault)
      throw new SyntaxError(
        `is not valid YAML at line ${lineOf(fault.pos[0])}: ${oneLine(fault.message.split(' at line ', 1)[0] ?? '')}`,
      )
    // What stands above the first key is usually about the whole: units, who keeps the file.
    const comment = oneLine(document.commentBefore ?? '')
    const contents = document.contents
    const first = isMap(contents) && isNode(contents.items[0]?.key) ? contents.items[0].key : contents
    const about = oneLine(first?.commentBefore ?? '')
    for (const words of [comment, about])
      if (words !== '') blocks.push({ kind: 'text', text: words, place: { line: 1 + shift } })
    blocks.push(...dataBlocks(toNode(document.contents, new Map(), 0, false)))
  }
  return blocks

  function lineOf(position: number | undefined): number {
    return lines.linePos(position ?? 0).line + shift
  }

  function toNode(node: unknown, anchors: Map<string, unknown>, depth: number, isCopy: boolean): DataNode {
    if (isCopy && ++aliased > ALIASED_MAX)
      throw new SyntaxError('has aliases that expand to more than can be read')
    if (depth > DATA_DEPTH_MAX)
      throw new SyntaxError(`is nested more than ${DATA_DEPTH_MAX} deep, or an alias names what it is in`)
    if (isAlias(node)) return toNode(anchors.get(node.source), anchors, depth + 1, true)
    if (isNode(node) && 'anchor' in node && node.anchor && !isCopy) anchors.set(node.anchor, node)
    if (isMap(node)) {
      const entries = node.items.flatMap((pair) => {
        const key = isScalar(pair.key) ? String(pair.key.source ?? pair.key.value ?? '') : String(pair.key)
        const value = toNode(pair.value, anchors, depth + 1, isCopy)
        // A merge key stands for the entries of what it names; those written out win.
        return key === '<<' && value.is === 'map' ? value.entries : [{ key: key.toWellFormed(), value }]
      })
      const last = new Map(entries.map((entry) => [entry.key, entry]))
      return { is: 'map', entries: [...last.values()], line: lineOf(node.range?.[0]) }
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => toNode(item, anchors, depth + 1, isCopy))
      return { is: 'list', items, line: lineOf(node.range?.[0]) }
    }
    if (!isScalar(node)) return { is: 'value', text: '', line: 1 + shift }
    const { value, source, range } = node
    const text = value === null ? '' : typeof value === 'string' ? value : (source ?? String(value))
    return { is: 'value', text: text.toWellFormed().replaceAll('\0', ''), line: lineOf(range?.[0]) }
  }
}
