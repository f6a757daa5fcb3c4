import { LLMock } from '@copilotkit/aimock'
import { ModelError, type ModelRequest } from '@infrafabric/ports'
import { afterEach, describe, expect, it } from 'vitest'
import { openAiCompatibleModel } from './openai-compatible.ts'
import {
  type Fault,
  type Loopback,
  type RecordedRequest,
  type Reply,
  startLoopback,
} from './testing/index.ts'

const never = new AbortController().signal
const schema = {
  type: 'object',
  properties: { answer: { type: 'string' } },
  required: ['answer'],
  additionalProperties: false,
}
const request: ModelRequest = { system: 'Be exact.', prompt: 'Which boat?', schema, outputTokensMax: 200 }
const USAGE = { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 }

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function start(answer: (request: RecordedRequest) => Reply | Fault): Promise<Loopback> {
  const server = await startLoopback(answer)
  open.push(server)
  return server
}

function completion(content: string | null, usage: unknown = USAGE, more: object = {}): Reply {
  const message = { role: 'assistant', content, ...more }
  const body = {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'm-2026',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
  }
  return { status: 200, body: usage === undefined || usage === null ? body : { ...body, usage } }
}

function model(server: Loopback, provider: 'openai' | 'vllm' | 'openai-compatible' = 'openai-compatible') {
  return openAiCompatibleModel(provider, 'm', { baseUrl: `${server.url}/v1`, apiKey: 'sk-canary-55' })
}

async function failure(call: Promise<unknown>): Promise<ModelError> {
  const error = await call.catch((reason: unknown) => reason)
  if (!(error instanceof ModelError)) throw new Error(`expected a ModelError, got ${String(error)}`)
  return error
}

describe('an answer', () => {
  it('brings object, usage and the model that gave it', async () => {
    const server = await start(() => completion('{"answer":"Meridian"}'))
    expect(await model(server).complete(request, never)).toEqual({
      text: '{"answer":"Meridian"}',
      object: { answer: 'Meridian' },
      usage: {
        inputTokens: 20,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        outputTokens: 5,
        reasoningTokens: 0,
      },
      finish: 'stop',
      model: 'm-2026',
    })
    const [sent] = server.requests
    expect(sent?.path).toBe('/v1/chat/completions')
    expect(sent?.headers.authorization).toBe('Bearer sk-canary-55')
    const body = JSON.parse(sent?.body ?? '')
    expect(body).toMatchObject({
      model: 'm',
      max_tokens: 200,
      response_format: { type: 'json_schema', json_schema: { schema, strict: true } },
    })
    expect(body.messages[0].content).toContain(JSON.stringify(schema))
  })

  it('counts cached and reasoning tokens within input and output, each once', async () => {
    const server = await start(() =>
      completion('{"answer":"x"}', {
        prompt_tokens: 2_006,
        completion_tokens: 300,
        total_tokens: 2_306,
        prompt_tokens_details: { cached_tokens: 1_920, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 256, accepted_prediction_tokens: 0 },
      }),
    )
    const { usage } = await model(server, 'openai').complete(request, never)
    expect(usage).toEqual({
      inputTokens: 2_006,
      cacheReadTokens: 1_920,
      cacheWriteTokens: 0,
      outputTokens: 300,
      reasoningTokens: 256,
    })
  })

  it('counts reasoning that only the total includes', async () => {
    const server = await start(() =>
      completion('{"answer":"x"}', {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 115,
        completion_tokens_details: { reasoning_tokens: 100 },
      }),
    )
    const { usage } = await model(server).complete(request, never)
    expect(usage).toMatchObject({ outputTokens: 105, reasoningTokens: 100 })
  })

  it.each([
    ['a Markdown fence', 'Sure!\n```json\n{"answer":"Meridian"}\n```\nHope it helps {really}.'],
    ['words around', 'The answer is {"answer":"Meridian"}, I think.'],
    ['reasoning before', '<think>{"answer":"Dot"}?</think>\n{"answer":"Meridian"}'],
  ])('of a server that ignores the schema is found within %s', async (_name, text) => {
    const server = await start(() => completion(text))
    expect((await model(server).complete(request, never)).object).toEqual({ answer: 'Meridian' })
  })

  it.each([
    ['no usage', undefined],
    ['null for usage', null],
    ['no prompt tokens', { completion_tokens: 5 }],
    ['no completion tokens', { prompt_tokens: 5 }],
    ['more cached than prompt tokens', { ...USAGE, prompt_tokens_details: { cached_tokens: 21 } }],
  ])('with %s is garbage: a bill is never guessed', async (_name, usage) => {
    const server = await start(() => completion('{"answer":"x"}', usage === undefined ? null : usage))
    expect(await failure(model(server).complete(request, never))).toMatchObject({
      code: 'garbage',
      billed: 'unknown',
    })
  })

  it('that refuses says so', async () => {
    const server = await start(() => completion(null, USAGE, { refusal: 'I cannot help with that.' }))
    expect(await model(server, 'openai').complete(request, never)).toMatchObject({
      finish: 'refusal',
      text: 'I cannot help with that.',
    })
  })

  it('carries the rate limits that the headers tell', async () => {
    const headers = {
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-remaining-tokens': '149984',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-reset-tokens': '6m0s',
    }
    const server = await start(() => ({ ...completion('{"answer":"x"}'), headers }))
    expect((await model(server).complete(request, never)).limits).toEqual({
      requestsRemaining: 59,
      tokensRemaining: 149_984,
      resetMs: 1_000,
    })
  })

  it('of an independent stand-in for OpenAI is read the same way', async () => {
    const mock = new LLMock({ port: 0, host: '127.0.0.1' })
    mock.on({ userMessage: 'Which boat' }, () => ({
      content: '{"answer":"Meridian"}',
      usage: { prompt_tokens: 17, completion_tokens: 8 },
    }))
    await mock.start()
    open.push({ close: () => mock.stop() })
    const response = await openAiCompatibleModel('openai', 'gpt-4o', {
      baseUrl: `${mock.url}/v1`,
      apiKey: 'k',
    }).complete(request, never)
    expect(response).toMatchObject({
      object: { answer: 'Meridian' },
      usage: { inputTokens: 17, outputTokens: 8 },
    })
  })

  it('is capped under the name that OpenAI wants, without the schema twice', async () => {
    const server = await start(() => completion('{"answer":"x"}'))
    await model(server, 'openai').complete(request, never)
    const body = JSON.parse(server.requests[0]?.body ?? '')
    expect(body).toMatchObject({ max_completion_tokens: 200 })
    expect(body).not.toHaveProperty('max_tokens')
    expect(body.messages[0].content).toBe('Be exact.')
  })

  it('is asked for without strictness when the schema leaves something optional', async () => {
    const server = await start(() => completion('{"answer":"x"}'))
    await model(server).complete({ ...request, schema: { ...schema, required: [] } }, never)
    expect(JSON.parse(server.requests[0]?.body ?? '').response_format.json_schema.strict).toBe(false)
  })
})

describe('an error', () => {
  const failed = (status: number, error: unknown, headers: Record<string, string> = {}): Fault => ({
    fault: 'status',
    status,
    body: { error },
    headers,
  })

  it.each<[string, Fault, Partial<ModelError>]>([
    [
      '401',
      failed(401, { message: 'Incorrect API key provided', code: 'invalid_api_key' }),
      { code: 'unauthorized', billed: 'no' },
    ],
    [
      '404 of an unknown model',
      failed(404, { message: 'The model `m` does not exist', code: 'model_not_found' }),
      { code: 'not-found', billed: 'no' },
    ],
    [
      '400 of an unknown model',
      failed(400, 'model "m" not found, try pulling it first'),
      { code: 'not-found', billed: 'no' },
    ],
    [
      '429 of an empty quota',
      failed(429, { message: 'You exceeded your current quota', code: 'insufficient_quota' }),
      { code: 'spend-limit', billed: 'no' },
    ],
    [
      '429 with a reset',
      failed(
        429,
        { message: 'Rate limit reached' },
        { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1m30s' },
      ),
      { code: 'rate-limited', billed: 'no', retryAfterMs: 90_000 },
    ],
    [
      '402',
      failed(402, { message: 'Insufficient credits', code: 402 }),
      { code: 'spend-limit', billed: 'no' },
    ],
    ['503', failed(503, { message: 'The server is overloaded' }), { code: 'overloaded', billed: 'no' }],
    [
      'success without choices',
      { fault: 'status', status: 200, body: { choices: [], usage: USAGE } },
      { code: 'garbage', billed: 'unknown' },
    ],
    [
      'an error in a success',
      { fault: 'status', status: 200, body: { error: { message: 'upstream', code: 502 } } },
      { code: 'garbage', billed: 'unknown' },
    ],
    ['half a body', { fault: 'half-body' }, { code: 'garbage', billed: 'unknown' }],
    ['a reset', { fault: 'reset' }, { code: 'unavailable', billed: 'unknown' }],
  ])('%s becomes its code', async (_name, fault, expected) => {
    const server = await start(() => fault)
    expect(await failure(model(server).complete(request, never))).toMatchObject(expected)
    expect(server.requests).toHaveLength(1)
  })

  it('in a success is told', async () => {
    const server = await start(() => ({
      status: 200,
      body: { error: { message: 'upstream is down', code: 502 } },
    }))
    expect((await failure(model(server).complete(request, never))).message).toContain('upstream is down')
  })

  it('is raised without a call when a hosted provider has no key, or a server no address', () => {
    expect(() => openAiCompatibleModel('openai', 'gpt-5-mini', {})).toThrow('OPENAI_API_KEY')
    expect(() => openAiCompatibleModel('openai-compatible', 'm', {})).toThrow('OPENAI_BASE_URL')
  })
})

describe('check', () => {
  const list = (...ids: string[]): Reply => ({
    status: 200,
    body: { object: 'list', data: ids.map((id) => ({ id, object: 'model' })) },
  })

  it('finds the model in the list, with or without its default tag', async () => {
    await model(await start(() => list('other', 'm'))).check(never)
    await model(await start(() => list('m:latest'))).check(never)
  })

  it('finds a wrong model and names those there are', async () => {
    const error = await failure(model(await start(() => list('llama3.2'))).check(never))
    expect(error).toMatchObject({
      code: 'not-found',
      billed: 'no',
      message: expect.stringContaining('llama3.2'),
    })
  })

  it('finds a wrong key', async () => {
    const server = await start(() => ({ status: 401, body: { error: { message: 'bad key sk-canary-55' } } }))
    const error = await failure(model(server).check(never))
    expect(error.code).toBe('unauthorized')
    expect(error.message).not.toContain('canary')
  })
})

it('is free only on this machine, and never when the model runs in a cloud', () => {
  const free = (provider: 'ollama' | 'openai-compatible', name: string, baseUrl?: string) =>
    openAiCompatibleModel(provider, name, baseUrl === undefined ? {} : { baseUrl }).free
  expect(free('ollama', 'llama3.2')).toBe(true)
  expect(free('ollama', 'gpt-oss:120b-cloud')).toBe(false)
  expect(free('ollama', 'llama3.2', 'http://10.0.0.7:11434/v1')).toBe(false)
  expect(free('openai-compatible', 'm', 'http://127.0.0.1:4000/v1')).toBe(false)
})
