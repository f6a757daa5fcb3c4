import type { Block } from '@infrafabric/evidence'
import { decodeText } from '../decode-text.ts'
import { paragraphs } from './paragraphs.ts'
import type { Reader } from './reader.ts'

export const textReader: Reader = {
  name: 'text/1',
  async read(bytes, { charset }) {
    return { blocks: paragraphs(decodeText(bytes, charset).text) }
  },
}

/** Source code: a block per stretch between blank lines, its lines and indentation as they are. */
export const codeReader: Reader = {
  name: 'code/1',
  async read(bytes, { charset }) {
    const blocks: Block[] = []
    const lines = decodeText(bytes, charset ?? xmlCharset(bytes)).text.split('\n')
    let start = 0
    for (let at = 0; at <= lines.length; at++) {
      const line = lines[at]
      if (line !== undefined && line.trim() !== '') continue
      const text = lines.slice(start, at).join('\n').trimEnd()
      if (text.trim() !== '') blocks.push({ kind: 'code', text, place: { line: start + 1, lineEnd: at } })
      start = at + 1
    }
    return { blocks }
  },
}

function xmlCharset(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 200))
  return /^<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w-]+)/i.exec(head)?.[1]
}
