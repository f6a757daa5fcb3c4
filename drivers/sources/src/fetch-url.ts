import type { RawSource } from './read-source.ts'
import { SourceError } from './source.ts'
export interface FetchOptions {
  allowLoopback?: boolean
}
export async function fetchUrl(url: string, _options: { bytesMax: number }): Promise<RawSource> {
  throw new SourceError('unsupported', url)
}
