import { createServer } from 'node:net'
import { LLMock } from '@copilotkit/aimock'
import { ModelError, type ModelRequest } from '@infrafabric/ports'
import { afterEach, describe, expect, it } from 'vitest'
import { anthropicModel } from './anthropic.ts'
import {
  type AnthropicServer,
  type AnthropicServerOptions,
  type Fault,
  startAnthropicServer,
  startLoopback,
} from './testing/index.ts'

const MODEL = 'claude-haiku-4-5'
const KEY = 'sk-ant-canary-7301'
const never = new AbortController().signal
const schema = {
  type: 'object',
  properties: { answer: { type: 'string' }, passages: { type: 'array', items: { type: 'integer' } } },
  required: ['answer', 'passages'],
  additionalProperties: false,
}
const request: ModelRequest = {
  system: 'Answer from the passages.',
  prompt: 'Which boat?\n[1] The yacht is Meridian.\n[2] The tender is Dot.',
  schema,
  outputTokensMax: 500,
}

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function start(options: Partial<AnthropicServerOptions> = {}): Promise<AnthropicServer> {
  const server = await startAnthropicServer({
    respond: ({ passages }) => ({ answer: 'Meridian', passages: passages.map(({ number }) => number) }),
    ...options,
  })
  open.push(server)
  return server
}

function model(server: { url: string }, timeoutMs?: number) {
  return anthropicModel(MODEL, {
    apiKey: KEY,
    baseUrl: server.url,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
}

async function failure(call: Promise<unknown>): Promise<ModelError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ModelError))
    throw new Error(`expected a ModelError, got ${String(error)}`, { cause: error })
  return error
}

describe('an answer', () => {
  it('brings the object that the schema asks for, and the usage as reported', async () => {
    const server = await start()
    const response = await model(server).complete(request, never)
    expect(response).toMatchObject({
      object: { answer: 'Meridian', passages: [1, 2] },
      finish: 'stop',
      model: MODEL,
    })
    expect(response.usage).toEqual({
      inputTokens: server.billed[0]?.input_tokens,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: server.billed[0]?.output_tokens,
      reasoningTokens: 0,
    })
    const [call] = server.calls
    expect(call).toMatchObject({
      system: request.system,
      prompt: request.prompt,
      outputTokensMax: 500,
      schema,
    })
    expect(call?.request.headers['x-api-key']).toBe(KEY)
  })

  it('counts cached input within the input and thinking within the output, each once', async () => {
    const server = await start({
      usage: () => ({
        input_tokens: 100,
        cache_read_input_tokens: 2_000,
        cache_creation_input_tokens: 300,
        output_tokens: 90,
        output_tokens_details: { thinking_tokens: 40 },
      }),
    })
    const { usage } = await model(server).complete(request, never)
    expect(usage).toEqual({
      inputTokens: 2_400,
      cacheReadTokens: 2_000,
      cacheWriteTokens: 300,
      outputTokens: 90,
      reasoningTokens: 40,
    })
  })

  it('is plain text when no schema is given', async () => {
    const server = await start({ respond: () => 'Meridian, of course.' })
    const { schema: _, ...plain } = request
    const response = await model(server).complete(plain, never)
    expect(response.text).toBe('Meridian, of course.')
    expect(response.object).toBeUndefined()
  })

  it('is an object by a forced tool from a model without structured output', async () => {
    const server = await start()
    const response = await anthropicModel('claude-3-haiku-20240307', {
      apiKey: KEY,
      baseUrl: server.url,
    }).complete(request, never)
    expect(response).toMatchObject({ object: { answer: 'Meridian' }, finish: 'stop' })
  })

  it('that is cut by the token limit says so and keeps its usage', async () => {
    const server = await start({ respond: () => ({ answer: 'x'.repeat(400), passages: [] }) })
    const response = await model(server).complete({ ...request, outputTokensMax: 20 }, never)
    expect(response).toMatchObject({ finish: 'length', usage: { outputTokens: 20 } })
    expect(response.object).toBeUndefined()
  })

  it('carries the rate limits that the headers tell', async () => {
    const server = await start({
      headers: {
        'anthropic-ratelimit-requests-remaining': '49',
        'anthropic-ratelimit-requests-reset': new Date(Date.now() + 60_000).toISOString(),
        'anthropic-ratelimit-input-tokens-remaining': '9000',
        'anthropic-ratelimit-output-tokens-remaining': '7000',
      },
    })
    const { limits } = await model(server).complete(request, never)
    expect(limits).toMatchObject({ requestsRemaining: 49, tokensRemaining: 7_000 })
    expect(limits?.resetMs).toBeGreaterThan(0)
  })

  it('without usage is garbage: a bill is never guessed', async () => {
    const server = await start({ usage: () => null })
    expect(await failure(model(server).complete(request, never))).toMatchObject({
      code: 'garbage',
      billed: 'unknown',
    })
  })

  it('with impossible usage is garbage', async () => {
    const server = await start({ usage: () => ({ input_tokens: 10.5, output_tokens: 1 }) })
    expect(await failure(model(server).complete(request, never))).toMatchObject({
      code: 'garbage',
      billed: 'unknown',
    })
  })

  it('that is not the object asked for is garbage with a known usage', async () => {
    const server = await start({ respond: () => 'I would rather not.' })
    const error = await failure(model(server).complete(request, never))
    expect(error).toMatchObject({ code: 'garbage', billed: 'unknown', usage: { outputTokens: 5 } })
  })

  it('of an independent stand-in for the API is read the same way', async () => {
    const mock = new LLMock({ port: 0, host: '127.0.0.1' })
    mock.on({ userMessage: 'Which boat' }, () => ({
      content: '{"answer":"Meridian","passages":[1]}',
      usage: { input_tokens: 31, output_tokens: 12 },
    }))
    await mock.start()
    open.push({ close: () => mock.stop() })
    const response = await model(mock).complete(request, never)
    expect(response).toMatchObject({
      object: { answer: 'Meridian', passages: [1] },
      usage: { inputTokens: 31, outputTokens: 12, cacheReadTokens: 0 },
    })
  })
})

describe('an error', () => {
  const anthropic = (type: string, message: string, details?: object) => ({
    type: 'error',
    error: { type, message, details },
  })
  const status = (code: number, body: unknown, headers: Record<string, string> = {}): Fault => ({
    fault: 'status',
    status: code,
    body,
    headers,
  })

  it.each<[string, Fault, Partial<ModelError>]>([
    [
      '400',
      status(400, anthropic('invalid_request_error', 'prompt is too long')),
      { code: 'invalid-request', billed: 'no' },
    ],
    [
      '401',
      status(401, anthropic('authentication_error', 'invalid x-api-key')),
      { code: 'unauthorized', billed: 'no' },
    ],
    [
      '402',
      status(402, anthropic('billing_error', 'no payment method')),
      { code: 'spend-limit', billed: 'no' },
    ],
    ['403', status(403, anthropic('permission_error', 'not yours')), { code: 'forbidden', billed: 'no' }],
    [
      '404',
      status(404, anthropic('not_found_error', 'model: claude-x')),
      { code: 'not-found', billed: 'no' },
    ],
    ['408', status(408, ''), { code: 'timeout', billed: 'unknown' }],
    [
      '413',
      status(413, anthropic('request_too_large', 'too large')),
      { code: 'invalid-request', billed: 'no' },
    ],
    ['422', status(422, {}), { code: 'invalid-request', billed: 'no' }],
    [
      '429',
      status(429, anthropic('rate_limit_error', 'slow down'), { 'retry-after': '7' }),
      { code: 'rate-limited', billed: 'no', retryAfterMs: 7_000 },
    ],
    [
      '429 for a spending limit',
      status(429, anthropic('rate_limit_error', 'limit', { error_code: 'enforced_spend_limit_reached' }), {
        'retry-after': '7',
      }),
      { code: 'spend-limit', billed: 'no', retryAfterMs: undefined },
    ],
    [
      '400 for an empty credit balance',
      status(
        400,
        anthropic('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
      ),
      { code: 'spend-limit', billed: 'no' },
    ],
    [
      '400 for a spending limit',
      status(
        400,
        anthropic(
          'invalid_request_error',
          'You have reached your specified API usage limits. You will regain access on 2026-12-01.',
        ),
      ),
      { code: 'spend-limit', billed: 'no' },
    ],
    ['500', status(500, anthropic('api_error', 'internal')), { code: 'unavailable', billed: 'unknown' }],
    ['502', status(502, '<html>bad gateway</html>'), { code: 'unavailable', billed: 'unknown' }],
    [
      '503',
      status(503, '', { 'retry-after-ms': '250' }),
      { code: 'overloaded', billed: 'no', retryAfterMs: 250 },
    ],
    ['504', status(504, anthropic('timeout_error', 'slow')), { code: 'timeout', billed: 'unknown' }],
    ['529', status(529, anthropic('overloaded_error', 'Overloaded')), { code: 'overloaded', billed: 'no' }],
    [
      'a redirect',
      status(307, '', { location: 'http://127.0.0.1:1/v1/messages' }),
      { code: 'invalid-request', billed: 'no' },
    ],
    ['a web page', { fault: 'garbage' }, { code: 'garbage', billed: 'unknown' }],
    ['half a body', { fault: 'half-body' }, { code: 'garbage', billed: 'unknown' }],
    ['half of the JSON', { fault: 'half-json' }, { code: 'garbage', billed: 'unknown' }],
    ['a reset', { fault: 'reset' }, { code: 'unavailable', billed: 'unknown' }],
  ])('%s becomes its code', async (_name, fault, expected) => {
    const server = await start({ faults: () => fault })
    const error = await failure(model(server).complete(request, never))
    expect(error).toMatchObject(expected)
    expect(server.calls).toHaveLength(1)
    expect(server.billed).toHaveLength(0)
  })

  it('is a timeout of unknown cost when nothing comes back', async () => {
    const server = await start({ faults: () => ({ fault: 'hang' }) })
    const error = await failure(model(server, 200).complete(request, never))
    expect(error).toMatchObject({ code: 'timeout', billed: 'unknown' })
    expect(error.message).toContain('0.2 s')
  })

  it("is a timeout too when the caller's own signal is a time limit", async () => {
    const server = await start({ faults: () => ({ fault: 'hang' }) })
    const error = await failure(model(server).complete(request, AbortSignal.timeout(200)))
    expect(error).toMatchObject({ code: 'timeout', billed: 'unknown' })
  })

  it('is an abort of unknown cost during the call, and of none before it', async () => {
    const server = await start({ faults: () => ({ fault: 'hang' }) })
    const stop = new AbortController()
    const call = failure(model(server).complete(request, stop.signal))
    while (server.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    stop.abort()
    expect(await call).toMatchObject({ code: 'aborted', billed: 'unknown' })
    expect(await failure(model(server).complete(request, stop.signal))).toMatchObject({
      code: 'aborted',
      billed: 'no',
    })
    expect(server.calls).toHaveLength(1)
  })

  it('is free of charge when nobody listens', async () => {
    const error = await failure(
      model({ url: `http://127.0.0.1:${await freePort()}` }).complete(request, never),
    )
    expect(error).toMatchObject({ code: 'unavailable', billed: 'no' })
    expect(error.message).toContain('ECONNREFUSED')
  })

  it('never shows the key, even when the server repeats it', async () => {
    const server = await start({
      faults: () => status(401, anthropic('authentication_error', `invalid key ${KEY}`)),
    })
    const error = await failure(model(server).complete(request, never))
    expect(error.message).not.toContain(KEY)
    expect(error.message).toContain('ANTHROPIC_API_KEY')
  })

  it('is raised without a call when there is no key', () => {
    expect(() => anthropicModel(MODEL, { apiKey: '' })).toThrow('ANTHROPIC_API_KEY')
  })
})

describe('check', () => {
  it('finds nothing wrong with the right key and model, and calls no model', async () => {
    const server = await start({ apiKey: KEY, models: [MODEL] })
    await model(server).check(never)
    expect(server.calls).toHaveLength(0)
  })

  it('finds a wrong key', async () => {
    const server = await start({ apiKey: 'another' })
    expect(await failure(model(server).check(never))).toMatchObject({ code: 'unauthorized', billed: 'no' })
  })

  it('finds a wrong model and names those there are', async () => {
    const server = await start({ models: ['claude-sonnet-5'] })
    const error = await failure(model(server).check(never))
    expect(error).toMatchObject({ code: 'not-found', billed: 'no' })
    expect(error.message).toContain('claude-sonnet-5')
  })

  it('finds a wrong path of the API', async () => {
    const server = await start()
    const error = await failure(model({ url: `${server.url}/v2` }).check(never))
    expect(error).toMatchObject({ code: 'not-found' })
  })

  it('finds that nobody listens', async () => {
    expect(await failure(model({ url: `http://127.0.0.1:${await freePort()}` }).check(never))).toMatchObject({
      code: 'unavailable',
    })
  })

  it('finds a web page where the API should be', async () => {
    const server = await startLoopback(() => ({ fault: 'garbage' }))
    open.push(server)
    expect(await failure(model(server).check(never))).toMatchObject({
      code: 'garbage',
      message: expect.stringContaining('base URL'),
    })
  })

  it('leaves a compatible server without a list of models to its first answer', async () => {
    const server = await startLoopback(() => ({ status: 404, body: { detail: 'Not Found' } }))
    open.push(server)
    await expect(model(server).check(never)).resolves.toBeUndefined()
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  await new Promise((resolve) => server.close(resolve))
  return port
}
