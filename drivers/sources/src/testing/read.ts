import type { Block } from '@infrafabric/evidence'
import { readSource } from '../read-source.ts'
import type { ReadSource, SourceProblem } from '../source.ts'

export function readText(
  name: string,
  content: string | Uint8Array,
  extra: { mediaType?: string; charset?: string } = {},
): Promise<{ source: ReadSource; problems: SourceProblem[] }> {
  return readSource({
    name,
    bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content,
    ...extra,
  })
}

export async function blocksOf(name: string, content: string | Uint8Array): Promise<Block[]> {
  return (await readText(name, content)).source.document.blocks
}

/** `kind text` a block, which is easy to compare and to read. */
export async function outline(name: string, content: string | Uint8Array): Promise<string[]> {
  return (await blocksOf(name, content)).map(({ kind, level, text }) => `${kind}${level ?? ''} ${text}`)
}
