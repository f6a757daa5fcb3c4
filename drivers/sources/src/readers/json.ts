import { decodeText } from '../decode-text.ts'
import type { DataNode } from './data-node.ts'
import { dataBlocks } from './data-rows.ts'
import { paragraphs } from './paragraphs.ts'
import { parseJson } from './parse-json.ts'
import type { Reader, Reading } from './reader.ts'

export const jsonReader: Reader = {
  name: 'json/1',
  async read(bytes, { name, charset }) {
    const { text } = decodeText(bytes, charset)
    return orAsText(name, text, () => dataBlocks(parseJson(text)))
  },
}

/** One JSON value a line. */
export const jsonLinesReader: Reader = {
  name: 'jsonl/1',
  async read(bytes, { name, charset }) {
    const { text } = decodeText(bytes, charset)
    return orAsText(name, text, () => {
      const items: DataNode[] = []
      for (const [index, line] of text.split('\n').entries())
        if (line.trim() !== '') items.push(parseJson(line, index + 1))
      return dataBlocks({ is: 'list', items, line: 1 })
    })
  },
}

/** A file with a fault in its syntax still has words that people can read, and quotes can be taken from. */
export function orAsText(name: string, text: string, read: () => Reading['blocks']): Reading {
  try {
    return { blocks: read() }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const detail = `${name} ${why}. It was read as plain text; correct it to have its fields read by name.`
    return { blocks: paragraphs(text), notes: [{ code: 'read-as-text', detail }] }
  }
}
