import type { Block } from '@infrafabric/evidence'
import type { DataNode } from './data-node.ts'
import { oneLine } from './row.ts'

/** A row of an object with more fields than this would be no row any more. */
const FIELDS_MAX = 60

/**
 * Rows that read well out of their context: `vessel.name: Meridian` for a lone value, one row per object of a
 * list, one item per sentence of a list. Lone values come before lists and objects, so that each stands under
 * its own heading.
 */
export function dataBlocks(root: DataNode): Block[] {
  const blocks: Block[] = []
  if (root.is !== 'map') addList(blocks, root, [])
  else {
    addMap(blocks, root, [], ({ key, value }) => {
      blocks.push({
        kind: 'heading',
        level: 1,
        text: oneLine(key) || '(no name)',
        place: { line: value.line },
      })
    })
  }
  return blocks
}

type Entry = Extract<DataNode, { is: 'map' }>['entries'][number]

function addMap(
  blocks: Block[],
  map: Extract<DataNode, { is: 'map' }>,
  path: string[],
  before?: (entry: Entry) => void,
): void {
  for (const { key, value } of map.entries)
    if (value.is === 'value') addRow(blocks, [...path, key].join('.'), value.text, value.line)
  for (const entry of map.entries) {
    const { key, value } = entry
    if (value.is === 'value' || isEmpty(value)) continue
    before?.(entry)
    if (value.is === 'map') addMap(blocks, value, [...path, key])
    else addList(blocks, value, [...path, key])
  }
}

function addList(blocks: Block[], node: DataNode, path: string[]): void {
  if (node.is !== 'list') {
    if (node.is === 'map') addMap(blocks, node, path)
    else addRow(blocks, path.join('.'), node.text, node.line)
    return
  }
  const values = node.items.flatMap((item) => (item.is === 'value' ? [item] : []))
  const isWords =
    values.length === node.items.length && values.every(({ text }) => oneLine(text).length <= 30)
  if (isWords && path.length > 0) {
    addRow(blocks, path.join('.'), values.map(({ text }) => oneLine(text)).join(', '), node.line)
    return
  }
  for (const [index, item] of node.items.entries()) {
    if (item.is === 'value') {
      const text = oneLine(item.text)
      if (text !== '') blocks.push({ kind: 'item', text, place: { line: item.line } })
      continue
    }
    const fields = fieldsOf(item, path.slice(1))
    if (fields.length <= FIELDS_MAX) {
      const text = fields.map(named).join('; ')
      if (text !== '') blocks.push({ kind: 'row', text, place: { line: item.line } })
    } else addList(blocks, item.is === 'list' ? item : { ...item }, [...path, String(index + 1)])
  }
}

/** Every value below the node under its dotted name, the positions of nested lists counted from 1. */
function fieldsOf(node: DataNode, path: string[]): { name: string; text: string }[] {
  if (node.is === 'value') {
    const text = oneLine(node.text)
    return text === '' ? [] : [{ name: path.join('.'), text }]
  }
  if (node.is === 'map') return node.entries.flatMap(({ key, value }) => fieldsOf(value, [...path, key]))
  if (node.items.every(({ is }) => is === 'value')) {
    const text = node.items
      .map((item) => (item.is === 'value' ? oneLine(item.text) : ''))
      .filter(Boolean)
      .join(', ')
    return text === '' ? [] : [{ name: path.join('.'), text }]
  }
  return node.items.flatMap((item, index) => fieldsOf(item, [...path, String(index + 1)]))
}

function addRow(blocks: Block[], name: string, value: string, line: number): void {
  const text = oneLine(value)
  if (text !== '') blocks.push({ kind: 'row', text: named({ name, text }), place: { line } })
}

/** A key is one line as well: with a line break in it, it could pass for a row of its own. */
function named({ name, text }: { name: string; text: string }): string {
  const plain = oneLine(name)
  return plain === '' ? text : `${plain}: ${text}`
}

function isEmpty(node: DataNode): boolean {
  return (node.is === 'map' && node.entries.length === 0) || (node.is === 'list' && node.items.length === 0)
}
