import { setImmediate } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { CurrentInput } from './current-input.ts'
import type { Input, Judgement } from './decoder.ts'
import { decoderNamed } from './decoders.ts'
import { randomOf } from './random.ts'

/** Of typed arrays and the like, which the worker's heap limit does not see. */
const EXTERNAL_BYTES_MAX = 1024 * 1024 * 1024

export interface Assignment {
  decoder: string
  seed: string
  from: number
  count: number
  shared: SharedArrayBuffer
}

export type Message =
  | { is: 'opened'; corpus?: string }
  | { is: 'failed'; index: number; input: Input; failure: string }
  | { is: 'done'; accepted: number; refused: number; resigned: number; ms: number; slowestMs: number }

function post(message: Message): void {
  parentPort?.postMessage(message)
}

/** Thrown where nobody waits for it: the whole process would end by it, unless the decoder listens for it. */
const stray: unknown[] = []
process.on('unhandledRejection', (error) => {
  if (process.listenerCount('unhandledRejection') === 1) stray.push(error)
})

/** Judges, and waits until whatever was left behind by it has failed as well. */
async function settled(judging: Promise<Judgement>): Promise<Judgement> {
  const judgement = await judging
  await setImmediate()
  const [error] = stray.splice(0)
  if (error !== undefined) throw new Error('an error that nobody waits for', { cause: error })
  return judgement
}

async function work({ decoder, seed, from, count, shared }: Assignment): Promise<void> {
  const current = new CurrentInput(shared)
  const target = await decoderNamed(decoder).open()
  post({ is: 'opened', ...(target.corpus === undefined ? {} : { corpus: target.corpus }) })
  const judged = { accepted: 0, refused: 0, resigned: 0, slowestMs: 0 }
  const started = performance.now()
  for (let index = from; index < from + count; index++) {
    const input = target.generate(randomOf(`${seed} ${decoder} ${index}`))
    current.set(index, input)
    const before = performance.now()
    try {
      const judgement = target.judge(input)
      judged[typeof judgement === 'string' ? judgement : await settled(judgement)]++
      if (input.resigned) judged.resigned++
      const { external } = index % 64 === 0 ? process.memoryUsage() : { external: 0 }
      if (external > EXTERNAL_BYTES_MAX) throw new Error(`${external} bytes held outside the heap`)
    } catch (error) {
      const failure = describe(error)
      post({ is: 'failed', index, input, failure })
    }
    judged.slowestMs = Math.max(judged.slowestMs, performance.now() - before)
  }
  post({ is: 'done', ...judged, ms: performance.now() - started })
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\n  because of ${describe(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}

await work(workerData as Assignment)
