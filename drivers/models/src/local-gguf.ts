import { open } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { type LanguageModel, ModelError, type ModelRequest, type ModelResponse } from '@infrafabric/ports'
import type { CallContext } from './errors.ts'
import { type GrammarSchema, toGrammarSchema } from './grammar-schema.ts'
import { missingPackage } from './missing-package.ts'
import { parseObject } from './parse-object.ts'
import { withinLimits } from './within-limits.ts'

export interface GgufConfig {
  /** The model's file. */
  path: string
  /** A model on two cores is slow, so this is longer than for a provider. Left out: 15 minutes. */
  timeoutMs?: number
}

/** The slice of node-llama-cpp 3.22 that is called. */
export interface LlamaPackage {
  getLlama(options: { gpu: false; build: 'never'; skipDownload: true; maxThreads: number }): Promise<Llama>
  LlamaChatSession: new (options: { contextSequence: LlamaSequence; systemPrompt: string }) => LlamaSession
}
interface Llama {
  loadModel(options: { modelPath: string; loadSignal: AbortSignal }): Promise<LlamaModel>
  createGrammarForJsonSchema(schema: GrammarSchema): Promise<unknown>
}
interface LlamaModel {
  readonly trainContextSize: number
  tokenize(text: string): readonly unknown[]
  createContext(options: {
    sequences: 1
    contextSize: number
    createSignal: AbortSignal
  }): Promise<LlamaContext>
}
interface LlamaContext {
  getSequence(): LlamaSequence
  dispose(): Promise<void>
}
interface LlamaSequence {
  readonly tokenMeter: { readonly usedInputTokens: number; readonly usedOutputTokens: number }
}
interface LlamaSession {
  promptWithMeta(
    prompt: string,
    options: { signal: AbortSignal; maxTokens: number; temperature: number; grammar?: unknown },
  ): Promise<{ responseText: string; stopReason: string }>
}

const LLAMA_PACKAGE = 'node-llama-cpp@3.22.1'
const TIMEOUT_MS = 900_000
/** Room for the markers that a chat template puts around system prompt and question. */
const TEMPLATE_TOKENS_MAX = 256

/** A model in a GGUF file, run on this machine's processor, one call after another. */
export function ggufModel(
  config: GgufConfig,
  load: () => Promise<LlamaPackage> = () => importLlama(config.path),
): LanguageModel {
  const context: CallContext = {
    name: `gguf/${config.path}`,
    url: 'this machine',
    keyRemedy: '',
    secrets: [],
  }
  const timeoutMs = config.timeoutMs ?? TIMEOUT_MS
  let loaded: Promise<Loaded> | undefined
  let turn: Promise<unknown> = Promise.resolve()

  function ready(signal: AbortSignal): Promise<Loaded> {
    loaded ??= loadModel(config.path, load, signal).catch((error: unknown) => {
      loaded = undefined
      throw error
    })
    return loaded
  }

  return {
    provider: 'gguf',
    model: config.path,
    free: true,
    complete(request, signal) {
      const call = turn.then(() =>
        withinLimits(context, timeoutMs, signal, async (limit) =>
          answer(await ready(limit), request, limit, config.path),
        ),
      )
      turn = call.catch(() => undefined)
      return call
    },
    check: (signal) =>
      withinLimits(context, timeoutMs, signal, async () => {
        await checkFile(config.path)
        await load()
      }),
  }
}

interface Loaded {
  llama: Llama
  model: LlamaModel
  LlamaChatSession: LlamaPackage['LlamaChatSession']
}

async function loadModel(
  path: string,
  load: () => Promise<LlamaPackage>,
  signal: AbortSignal,
): Promise<Loaded> {
  await checkFile(path)
  const { getLlama, LlamaChatSession } = await load()
  // Its own default of four threads brings two cores to a standstill.
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    maxThreads: availableParallelism(),
  })
  const model = await llama.loadModel({ modelPath: path, loadSignal: signal }).catch((error: unknown) => {
    if (signal.aborted) throw error
    const why = error instanceof Error ? error.message : String(error)
    const detail = `gguf/${path}: the model does not load: ${why}; is the file whole, and is there memory for it?`
    throw new ModelError('invalid-request', detail, { billed: 'no', cause: error })
  })
  return { llama, model, LlamaChatSession }
}

async function answer(
  { llama, model, LlamaChatSession }: Loaded,
  request: ModelRequest,
  signal: AbortSignal,
  path: string,
): Promise<ModelResponse> {
  const grammar =
    request.schema === undefined
      ? undefined
      : await llama.createGrammarForJsonSchema(toGrammarSchema(request.schema))
  const sent = model.tokenize(request.system).length + model.tokenize(request.prompt).length
  const contextSize = sent + request.outputTokensMax + TEMPLATE_TOKENS_MAX
  if (contextSize > model.trainContextSize) {
    const detail = `gguf/${path}: the request needs a context of ${contextSize} tokens, and the model has ${model.trainContextSize}; use a model with a larger context, or fewer passages`
    throw new ModelError('invalid-request', detail, { billed: 'no' })
  }
  const context = await model.createContext({ sequences: 1, contextSize, createSignal: signal })
  try {
    const contextSequence = context.getSequence()
    const session = new LlamaChatSession({ contextSequence, systemPrompt: request.system })
    const { responseText: text, stopReason } = await session.promptWithMeta(request.prompt, {
      signal,
      maxTokens: request.outputTokensMax,
      temperature: 0,
      ...(grammar === undefined ? {} : { grammar }),
    })
    const object = grammar === undefined ? undefined : parseObject(text)
    const usage = {
      inputTokens: contextSequence.tokenMeter.usedInputTokens,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: contextSequence.tokenMeter.usedOutputTokens,
      reasoningTokens: 0,
    }
    const finish = stopReason === 'maxTokens' ? 'length' : 'stop'
    if (grammar !== undefined && object === undefined && finish === 'stop') {
      throw new ModelError('garbage', `gguf/${path}: the answer is not the JSON object that was asked for`, {
        billed: 'no',
        usage,
      })
    }
    return { text, ...(object === undefined ? {} : { object }), usage, finish, model: path }
  } finally {
    await context.dispose()
  }
}

/** Every GGUF file begins with these four bytes. */
const MAGIC = 'GGUF'

async function checkFile(path: string): Promise<void> {
  const fault = (what: string, cause?: unknown) =>
    new ModelError('not-found', `gguf/${path}: ${what}`, { billed: 'no', cause })
  const file = await open(path).catch((error: unknown) => {
    throw fault('the file cannot be read; check its path and permissions', error)
  })
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0)
    if (buffer.subarray(0, bytesRead).toString('latin1') !== MAGIC) {
      throw fault('the file is not a GGUF model; was its download cut short?')
    }
  } catch (error) {
    throw error instanceof ModelError ? error : fault('the file cannot be read; is it a folder?', error)
  } finally {
    await file.close()
  }
}

async function importLlama(path: string): Promise<LlamaPackage> {
  try {
    // Not a literal: the package is an optional peer, and neither compiler nor bundler should look for it.
    const name: string = 'node-llama-cpp'
    return (await import(name)) as LlamaPackage
  } catch (error) {
    throw missingPackage(`gguf/${path}`, LLAMA_PACKAGE, error)
  }
}
