import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ModelError } from '@infrafabric/ports'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ggufModel, type LlamaPackage } from './local-gguf.ts'

const never = new AbortController().signal
const request = { system: 'Be exact.', prompt: 'Which boat is it?', outputTokensMax: 50 }
const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 1 } }, required: ['n'] }

let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gguf-'))
  path = join(folder, 'tiny.gguf')
  await writeFile(path, 'GGUF\u0003\u0000\u0000\u0000')
})
afterAll(() => rm(folder, { recursive: true }))

interface Told {
  options: unknown[]
  prompts: { prompt: string; systemPrompt: string; maxTokens: number; grammar?: unknown }[]
  contexts: { open: number; most: number; sizes: number[] }
}

/** Stands in for node-llama-cpp, a token a word, and notes what it is told. */
function llama(
  answer: (prompt: string, signal: AbortSignal) => Promise<{ responseText: string; stopReason: string }>,
) {
  const told: Told = { options: [], prompts: [], contexts: { open: 0, most: 0, sizes: [] } }
  const words = (text: string) => text.split(/\s+/)
  const load = async (): Promise<LlamaPackage> => ({
    getLlama: async (options) => {
      told.options.push(options)
      return {
        loadModel: async () => ({
          trainContextSize: 4_096,
          tokenize: words,
          createContext: async ({ contextSize }) => {
            told.contexts.sizes.push(contextSize)
            told.contexts.open += 1
            told.contexts.most = Math.max(told.contexts.most, told.contexts.open)
            return {
              getSequence: () => ({ tokenMeter: { usedInputTokens: 30, usedOutputTokens: 7 } }),
              dispose: async () => {
                told.contexts.open -= 1
              },
            }
          },
        }),
        createGrammarForJsonSchema: async (grammar) => grammar,
      }
    },
    LlamaChatSession: class {
      readonly systemPrompt: string
      constructor(options: { systemPrompt: string }) {
        this.systemPrompt = options.systemPrompt
      }
      promptWithMeta(prompt: string, options: { signal: AbortSignal; maxTokens: number; grammar?: unknown }) {
        const { signal, ...rest } = options
        told.prompts.push({ prompt, systemPrompt: this.systemPrompt, ...rest })
        return answer(prompt, signal)
      }
    },
  })
  return { told, load }
}

const saying = (responseText: string, stopReason = 'eogToken') =>
  llama(async () => ({ responseText, stopReason }))

async function failure(call: Promise<unknown>): Promise<ModelError> {
  const error = await call.catch((reason: unknown) => reason)
  if (!(error instanceof ModelError)) throw new Error(`expected a ModelError, got ${String(error)}`)
  return error
}

describe('an answer', () => {
  it('is free, bounded, and carries the tokens that were counted', async () => {
    const { told, load } = saying('Meridian')
    const model = ggufModel({ path }, load)
    expect(await model.complete(request, never)).toEqual({
      text: 'Meridian',
      usage: {
        inputTokens: 30,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        outputTokens: 7,
        reasoningTokens: 0,
      },
      finish: 'stop',
      model: path,
    })
    expect(model.free).toBe(true)
    expect(told.options).toEqual([
      expect.objectContaining({ gpu: false, build: 'never', skipDownload: true }),
    ])
    expect(told.prompts).toMatchObject([
      { prompt: request.prompt, systemPrompt: request.system, maxTokens: 50 },
    ])
    expect(told.contexts).toEqual({ open: 0, most: 1, sizes: [2 + 4 + 50 + 256] })
  })

  it('follows a grammar made of the schema', async () => {
    const { told, load } = saying('{"n":3}')
    const response = await ggufModel({ path }, load).complete({ ...request, schema }, never)
    expect(response.object).toEqual({ n: 3 })
    expect(told.prompts[0]?.grammar).toEqual({ type: 'object', properties: { n: { type: 'integer' } } })
  })

  it('cut by the token limit says so', async () => {
    const { load } = saying('{"n":', 'maxTokens')
    const response = await ggufModel({ path }, load).complete({ ...request, schema }, never)
    expect(response).toMatchObject({ finish: 'length', text: '{"n":' })
    expect(response.object).toBeUndefined()
  })

  it('is worked out one after another, with the model loaded once', async () => {
    const { told, load } = llama(async (prompt) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return { responseText: prompt, stopReason: 'eogToken' }
    })
    const model = ggufModel({ path }, load)
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((prompt) => model.complete({ ...request, prompt }, never)),
    )
    expect(answers.map(({ text }) => text)).toEqual(['a', 'b', 'c'])
    expect(told.contexts).toMatchObject({ open: 0, most: 1 })
    expect(told.options).toHaveLength(1)
  })
})

describe('an error', () => {
  it('is raised before any work when the request does not fit the model', async () => {
    const { told, load } = saying('x')
    const error = await failure(
      ggufModel({ path }, load).complete({ ...request, outputTokensMax: 4_000 }, never),
    )
    expect(error).toMatchObject({
      code: 'invalid-request',
      billed: 'no',
      message: expect.stringContaining('4096'),
    })
    expect(told.contexts.sizes).toEqual([])
  })

  it('is an abort when the caller stops, and the next call is not held up by it', async () => {
    let calls = 0
    const { told, load } = llama((prompt, signal) => {
      calls += 1
      if (calls > 1) return Promise.resolve({ responseText: prompt, stopReason: 'eogToken' })
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    const model = ggufModel({ path }, load)
    const stop = new AbortController()
    const stopped = failure(model.complete(request, stop.signal))
    const next = model.complete(request, never)
    while (told.prompts.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    stop.abort()
    expect((await stopped).code).toBe('aborted')
    expect((await next).text).toBe(request.prompt)
    expect(told.contexts.open).toBe(0)
  })

  it('is garbage when the answer is not the object asked for', async () => {
    const { load } = saying('no')
    expect(await failure(ggufModel({ path }, load).complete({ ...request, schema }, never))).toMatchObject({
      code: 'garbage',
      usage: { outputTokens: 7 },
    })
  })

  it('is the fault of the file when the model does not load, and another call tries again', async () => {
    const { load } = saying('Meridian')
    let loads = 0
    const model = ggufModel({ path }, async () => {
      const real = await load()
      loads += 1
      if (loads > 1) return real
      return {
        ...real,
        getLlama: async (options) => ({
          ...(await real.getLlama(options)),
          loadModel: () => Promise.reject(new Error('unexpectedly reached end of file')),
        }),
      }
    })
    const error = await failure(model.complete(request, never))
    expect(error).toMatchObject({
      code: 'invalid-request',
      billed: 'no',
      message: expect.stringContaining('is the file whole'),
    })
    expect((await model.complete(request, never)).text).toBe('Meridian')
  })

  it('names the command that installs the missing package', async () => {
    const error = await failure(ggufModel({ path }).complete(request, never))
    expect(error).toMatchObject({ code: 'invalid-request', billed: 'no' })
    expect(error.message).toContain('npm install node-llama-cpp@3.22.1')
  })
})

describe('check', () => {
  const { load } = saying('x')

  it('accepts a file that begins as a GGUF model does', async () => {
    await ggufModel({ path }, load).check(never)
  })

  it('finds that the file is missing, is a folder, is empty or is something else', async () => {
    const other = join(folder, 'other.gguf')
    const empty = join(folder, 'empty.gguf')
    await writeFile(other, '<html>')
    await writeFile(empty, '')
    for (const wrong of [join(folder, 'none.gguf'), folder, other, empty]) {
      expect(await failure(ggufModel({ path: wrong }, load).check(never))).toMatchObject({
        code: 'not-found',
        billed: 'no',
        message: expect.stringContaining(wrong),
      })
    }
  })
})
