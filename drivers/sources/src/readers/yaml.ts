import type { Block } from '@infrafabric/evidence'
import type { Reader } from './reader.ts'
import { textReader } from './text.ts'
export const yamlReader: Reader = textReader
export function yamlBlocks(_text: string, _firstLine: number): Block[] | undefined {
  return undefined
}
