import type { Reader } from './reader.ts'
import { textReader } from './text.ts'
export const emailReader: Reader = textReader
