import { decodeText } from '../decode-text.ts'
import type { Reader, Reading } from './reader.ts'
export const htmlReader: Reader = {
  name: 'html/1',
  async read(bytes, { charset }) {
    return readHtml(decodeText(bytes, charset).text, 1)
  },
}
export function readHtml(_text: string, _firstLine: number): Reading {
  return { blocks: [] }
}
