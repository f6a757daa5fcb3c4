import { ModelError } from '@infrafabric/ports'
import { afterEach, expect, it, vi } from 'vitest'
import { type BedrockConfig, bedrockModel } from './bedrock.ts'
import { type Fault, type Loopback, type Reply, startLoopback } from './testing/index.ts'

const MODEL = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
const never = new AbortController().signal
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'canary-secret' }
const request = { system: 'Be exact.', prompt: 'Which boat?', outputTokensMax: 100 }

const open: Loopback[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function start(answer: Reply | Fault): Promise<Loopback> {
  const server = await startLoopback(() => answer)
  open.push(server)
  return server
}

function model(server: Loopback, credentials: BedrockConfig['credentials'] = keys) {
  return bedrockModel(MODEL, { region: 'us-east-1', credentials, baseUrl: server.url })
}

const answer: Reply = {
  status: 200,
  body: {
    output: { message: { role: 'assistant', content: [{ text: 'Meridian' }] } },
    stopReason: 'end_turn',
    usage: {
      inputTokens: 11,
      outputTokens: 3,
      totalTokens: 2_014,
      cacheReadInputTokens: 2_000,
      cacheWriteInputTokens: 0,
    },
  },
}

it('answers by the Converse API, signed, with cached input within the input', async () => {
  const server = await start(answer)
  const response = await model(server).complete(request, never)
  expect(response).toMatchObject({
    text: 'Meridian',
    finish: 'stop',
    usage: { inputTokens: 2_011, cacheReadTokens: 2_000, cacheWriteTokens: 0, outputTokens: 3 },
  })
  expect(server.requests[0]?.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d+\/us-east-1\/bedrock\//,
  )
  expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ inferenceConfig: { maxTokens: 100 } })
})

it('takes nothing from the environment', async () => {
  const server = await start(answer)
  vi.stubEnv('AWS_BEARER_TOKEN_BEDROCK', 'from-the-environment')
  vi.stubEnv('AWS_REGION', 'ap-south-1')
  await model(server).complete(request, never)
  vi.unstubAllEnvs()
  expect(server.requests[0]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 .*\/us-east-1\//)
})

it('takes a bearer token instead of signing', async () => {
  const server = await start(answer)
  await model(server, { bearerToken: 'token-1' }).complete(request, never)
  expect(server.requests[0]?.headers.authorization).toBe('Bearer token-1')
})

it.each<[number, string, Partial<ModelError>]>([
  [403, 'The security token included in the request is invalid.', { code: 'unauthorized', billed: 'no' }],
  [
    403,
    "You don't have access to the model with the specified model ID.",
    { code: 'forbidden', billed: 'no' },
  ],
  [400, 'The provided model identifier is invalid.', { code: 'not-found', billed: 'no' }],
  [429, 'Too many requests, please wait before trying again.', { code: 'rate-limited', billed: 'no' }],
  [424, 'The model failed.', { code: 'unavailable', billed: 'unknown' }],
])('%d "%s" becomes its code', async (status, message, expected) => {
  const server = await start({ fault: 'status', status, body: { message } })
  const error = await model(server)
    .complete(request, never)
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ModelError)
  expect(error).toMatchObject(expected)
  expect(server.requests).toHaveLength(1)
})

it('is garbage without usage', async () => {
  const { usage: _, ...body } = answer.body as Record<string, unknown>
  const server = await start({ status: 200, body })
  await expect(model(server).complete(request, never)).rejects.toMatchObject({
    code: 'garbage',
    billed: 'unknown',
  })
})

it('refuses empty credentials before any call, naming what to set', () => {
  expect(() => bedrockModel(MODEL, { region: '', credentials: keys })).toThrow('AWS_REGION')
  expect(() => bedrockModel(MODEL, { region: 'eu-west-1', credentials: { bearerToken: '' } })).toThrow(
    'AWS_BEARER_TOKEN_BEDROCK',
  )
})

it('checks what can be checked without cost', async () => {
  const server = await start(answer)
  await model(server).check(never)
  expect(server.requests).toHaveLength(0)
})
