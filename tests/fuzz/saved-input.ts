import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Input } from './decoder.ts'

/** All that a replay needs. */
export interface SavedInput {
  decoder: string
  /** What was wrong. */
  failure: string
  seed: string
  index: number
  resigned: boolean
  /** Exactly one of these. */
  text?: string
  base64?: string
  corpus?: string
}

/** Returns the path. JSON escapes lone surrogates, so every text survives. */
export function saveInput(folder: string, saved: SavedInput): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${saved.decoder}-${saved.seed}-${saved.index}.json`)
  writeFileSync(path, `${JSON.stringify(saved, null, 1)}\n`)
  return path
}

export function readSavedInput(path: string): SavedInput {
  return JSON.parse(readFileSync(path, 'utf8')) as SavedInput
}

export function inputOf({ text, base64, resigned }: SavedInput): Input {
  return { data: text ?? Uint8Array.from(Buffer.from(base64 ?? '', 'base64')), resigned }
}

export function dataOf({ data }: Input): { text: string } | { base64: string } {
  return typeof data === 'string' ? { text: data } : { base64: Buffer.from(data).toString('base64') }
}
