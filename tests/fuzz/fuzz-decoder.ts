import { Worker } from 'node:worker_threads'
import { CurrentInput } from './current-input.ts'
import type { Decoder, Input } from './decoder.ts'
import type { Assignment, Message } from './fuzz-worker.ts'
import { dataOf, type SavedInput } from './saved-input.ts'

export interface FuzzResult {
  decoder: string
  inputs: number
  accepted: number
  refused: number
  resigned: number
  ms: number
  slowestMs: number
  failures: SavedInput[]
}

export interface FuzzOptions {
  seed: string
  /** Of the first input; 0 unless a run is continued. */
  from?: number
  count: number
}

/** After so many the run of a decoder ends: they will have one cause, or few. */
const FAILURES_MAX = 10
const HEAP_MEGABYTES_MAX = 768
const WATCH_EVERY_MS = 500

/** Runs one decoder in a thread of its own, which is ended when an input takes too long or too much memory. */
export async function fuzzDecoder(
  decoder: Decoder,
  { seed, from = 0, count }: FuzzOptions,
): Promise<FuzzResult> {
  const result: FuzzResult = {
    decoder: decoder.name,
    inputs: 0,
    accepted: 0,
    refused: 0,
    resigned: 0,
    ms: 0,
    slowestMs: 0,
    failures: [],
  }
  let next = from
  while (next < from + count && result.failures.length < FAILURES_MAX) {
    next = await runWorker(decoder, { seed, from: next, count: from + count - next }, result)
  }
  return result
}

/** Returns the number of the input to go on with. */
function runWorker(
  decoder: Decoder,
  { seed, from, count }: Required<FuzzOptions>,
  result: FuzzResult,
): Promise<number> {
  const current = new CurrentInput()
  const assignment: Assignment = { decoder: decoder.name, seed, from, count, shared: current.shared }
  const worker = new Worker(new URL('fuzz-worker.ts', import.meta.url), {
    workerData: assignment,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX },
  })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let corpus: string | undefined
  let failed = 0
  const fail = (index: number, input: Input, failure: string): void => {
    failed++
    result.failures.push({
      decoder: decoder.name,
      failure,
      seed,
      index,
      resigned: input.resigned,
      ...dataOf(input),
      ...(corpus === undefined ? {} : { corpus }),
    })
  }
  const end = async (goOnWith: number): Promise<void> => {
    clearInterval(watch)
    worker.removeAllListeners()
    await worker.terminate()
    result.inputs += goOnWith - from
    resolve(goOnWith)
  }
  const giveUp = (failure: string): void => {
    const { index } = current
    fail(index, current.get(), failure)
    void end(index + 1)
  }

  let seen = -1
  let since = performance.now()
  const watch = setInterval(() => {
    const { index } = current
    if (index < 0 || index !== seen) {
      seen = index
      since = performance.now()
    } else if (performance.now() - since > decoder.hangMs) {
      giveUp(`still working after ${decoder.hangMs} ms`)
    }
  }, WATCH_EVERY_MS)

  worker.on('message', (message: Message) => {
    if (message.is === 'opened') corpus = message.corpus
    else if (message.is === 'failed') {
      fail(message.index, message.input, message.failure)
      if (result.failures.length >= FAILURES_MAX) void end(message.index + 1)
    } else {
      result.accepted += message.accepted
      result.refused += message.refused
      result.resigned += message.resigned
      result.ms += message.ms
      result.slowestMs = Math.max(result.slowestMs, message.slowestMs)
      void end(from + count)
    }
  })
  worker.on('error', (error) => {
    if (current.index < 0) {
      clearInterval(watch)
      reject(error)
    } else if (failed === 0 || 'code' in error) giveUp(`the thread ended: ${error.message}`)
    else void end(current.index + 1)
  })
  return promise
}
