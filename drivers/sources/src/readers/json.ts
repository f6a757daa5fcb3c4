import type { Reader } from './reader.ts'
import { textReader } from './text.ts'
export const jsonReader: Reader = textReader
export const jsonLinesReader: Reader = textReader
