import { resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type FetchOptions, fetchUrl, withoutCredentials } from './fetch-url.ts'
import { findFiles } from './find-files.ts'
import { mebibytes, readFileBytes } from './read-file.ts'
import { type RawSource, readSource } from './read-source.ts'
import { type ReadSource, SourceError, type SourceProblem, type SourceProblemCode } from './source.ts'

export interface GatherOptions {
  /** Folder that relative patterns start from and names are relative to. */
  base: string
  /** Default 50 MiB: the largest PDF manual that NaviDocs users have. */
  sourceBytesMax?: number
  /** Of all sources together; they are held in memory. Default 512 MiB. */
  totalBytesMax?: number
  /** Default 10,000. */
  sourcesMax?: number
  /** For one URL with all its redirects. Default 20,000. */
  urlTimeoutMs?: number
  /** After each file or URL; `name` is the one just done. */
  onProgress?(progress: Progress): void
  signal?: AbortSignal
  /** Epoch milliseconds, for when a URL was read. Default: the system's clock. */
  now?(): number
  /** For tests, which have no public server. No configuration leads here. */
  fetch?: FetchOptions
}

export interface Progress {
  done: number
  total: number
  name: string
}

export interface Gathered {
  sources: ReadSource[]
  problems: SourceProblem[]
}

interface Candidate {
  name: string
  load(): Promise<RawSource>
}

/** Files or URLs that are loaded together; so many of the largest ones are in memory beside those kept. */
const BATCH = 4
/** Problems of one code that are told one by one; the rest of them are counted. */
const PROBLEMS_TOLD = 50

/**
 * Reads every source that the patterns name: files, folders, globs and https URLs. Sources come in the order of
 * the patterns, within one by name; each once. A source that cannot be read becomes a problem and stops nothing.
 * Rejects only when `signal` aborts.
 */
export async function gatherSources(patterns: readonly string[], options: GatherOptions): Promise<Gathered> {
  const limits = {
    sourceBytes: options.sourceBytesMax ?? 50 * 1024 * 1024,
    totalBytes: options.totalBytesMax ?? 512 * 1024 * 1024,
    sources: options.sourcesMax ?? 10_000,
  }
  const { candidates, problems } = await listCandidates(patterns, options, limits.sourceBytes)
  const sources: ReadSource[] = []
  const firstNames = new Map<string, string>()
  let bytesTotal = 0
  let done = 0
  for await (const { candidate, raw } of loadBatches(candidates)) {
    options.signal?.throwIfAborted()
    const { name } = candidate
    try {
      if (raw.status === 'rejected') throw raw.reason
      const loaded = raw.value
      if (bytesTotal + loaded.bytes.length > limits.totalBytes)
        throw new SourceError(
          'too-large',
          `${name} was left out: all sources together would pass ${mebibytes(limits.totalBytes)}. Name fewer files.`,
        )
      const read = await readSource(loaded, options.signal)
      bytesTotal += loaded.bytes.length
      problems.push(...read.problems)
      const duplicateOf = firstNames.get(read.source.sha256)
      if (duplicateOf === undefined) firstNames.set(read.source.sha256, name)
      sources.push(duplicateOf === undefined ? read.source : { ...read.source, duplicateOf })
    } catch (error) {
      options.signal?.throwIfAborted()
      problems.push({ name, ...describe(name, error) })
    }
    done++
    options.onProgress?.({ done, total: candidates.length, name })
    if (sources.length === limits.sources && done < candidates.length) {
      problems.push(tooMany(candidates.length - done, limits.sources))
      break
    }
  }
  return { sources, problems: summarise(problems) }
}

async function listCandidates(patterns: readonly string[], options: GatherOptions, bytesMax: number) {
  const candidates: Candidate[] = []
  const problems: SourceProblem[] = []
  const seen = new Set<string>()
  const add = (key: string, candidate: Candidate) => {
    if (seen.has(key)) return
    seen.add(key)
    candidates.push(candidate)
  }
  const base = resolve(options.base)
  for (const pattern of patterns) {
    options.signal?.throwIfAborted()
    if (/^[a-z][a-z\d+.-]*:\/\//i.test(pattern)) {
      add(pattern, {
        name: withoutCredentials(pattern),
        load: () => fetchUrl(pattern, { ...options, bytesMax }),
      })
      continue
    }
    const found = await findFiles(pattern, base, options.signal)
    problems.push(...found.problems)
    for (const { name, path } of found.files)
      add(path, { name, load: async () => ({ name, bytes: readFileBytes(path, name, bytesMax) }) })
  }
  return { candidates, problems }
}

/**
 * In order, a few at a time. A batch is complete before any of it is parsed: a large PDF keeps the thread busy for
 * so long that a URL beside it would seem slow.
 */
async function* loadBatches(candidates: Candidate[]) {
  for (let start = 0; start < candidates.length; start += BATCH) {
    const batch = candidates.slice(start, start + BATCH)
    const loaded = await Promise.allSettled(batch.map((candidate) => candidate.load()))
    // Files alone would never let a timer, a signal or the screen have their turn.
    await setImmediate()
    for (const [index, candidate] of batch.entries()) {
      const raw = loaded[index]
      if (raw) yield { candidate, raw }
    }
  }
}

function describe(name: string, error: unknown): { code: SourceProblemCode; detail: string } {
  if (error instanceof SourceError) {
    const detail = error.message.startsWith(name) ? error.message : `${name}: ${error.message}`
    return { code: error.code, detail }
  }
  const why = error instanceof Error ? error.message : String(error)
  return {
    code: 'corrupt',
    detail: `${name} could not be read: ${why}. Check that it opens in another program, and save it again.`,
  }
}

function tooMany(left: number, sourcesMax: number): SourceProblem {
  return {
    name: `${left} more`,
    code: 'too-many',
    detail: `${left} more files or URLs were left out: ${sourcesMax} sources are the limit. Name a smaller folder or a narrower pattern.`,
  }
}

/** A folder of 100,000 pictures is one finding, not 100,000. */
function summarise(problems: SourceProblem[]): SourceProblem[] {
  const counts = new Map<SourceProblemCode, number>()
  const told = problems.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1
    counts.set(code, count)
    return count <= PROBLEMS_TOLD
  })
  for (const [code, count] of counts) {
    const more = count - PROBLEMS_TOLD
    if (more > 0)
      told.push({
        name: `${more} more`,
        code,
        detail: `${more} more sources have the problem '${code}', like those named before.`,
      })
  }
  return told
}
