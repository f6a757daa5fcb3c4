import type { Reader } from './reader.ts'
import { textReader } from './text.ts'
export const pdfReader: Reader = textReader
