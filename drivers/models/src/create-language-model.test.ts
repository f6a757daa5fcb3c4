import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createLanguageModel, type ModelsConfig } from './create-language-model.ts'
import { parseModelName } from './model-name.ts'

async function create(name: string, config: ModelsConfig = {}) {
  const parsed = parseModelName(name)
  if (!parsed.ok) throw new Error(parsed.reason)
  return createLanguageModel(parsed.spec, config)
}

it.each<[string, ModelsConfig, string, boolean]>([
  ['anthropic/claude-haiku-4-5', { anthropic: { apiKey: 'k' } }, 'claude-haiku-4-5', false],
  ['claude-haiku-4-5', { anthropic: { apiKey: 'k' } }, 'claude-haiku-4-5', false],
  [
    'bedrock/us.x-v1:0',
    { bedrock: { region: 'eu-west-1', credentials: { bearerToken: 't' } } },
    'us.x-v1:0',
    false,
  ],
  ['openai/gpt-5-mini', { servers: { openai: { apiKey: 'k' } } }, 'gpt-5-mini', false],
  ['openrouter/meta/llama:free', { servers: { openrouter: { apiKey: 'k' } } }, 'meta/llama:free', false],
  ['ollama/llama3.2', {}, 'llama3.2', true],
  ['gguf/tiny', { ggufFolder: '/home/models' }, join('/home/models', 'tiny.gguf'), true],
  ['gguf//opt/m.gguf', { ggufFolder: '/home/models' }, '/opt/m.gguf', true],
  ['./m.gguf', { ggufFolder: '/home/models' }, './m.gguf', true],
])('makes %s', async (name, config, model, free) => {
  const made = await create(name, config)
  expect([made.model, made.free]).toEqual([model, free])
})

it.each([
  ['anthropic/claude-haiku-4-5', 'ANTHROPIC_API_KEY'],
  ['bedrock/us.x', 'AWS_REGION'],
  ['openai/gpt-5-mini', 'OPENAI_API_KEY'],
  ['openrouter/x', 'OPENROUTER_API_KEY'],
  ['openai-compatible/x', 'OPENAI_BASE_URL'],
])('refuses %s without %s, before any call', async (name, variable) => {
  await expect(create(name)).rejects.toMatchObject({
    name: 'ModelError',
    billed: 'no',
    message: expect.stringContaining(variable),
  })
})

it.each(['', 'auto', 'anthropic/', 'nobody/x', '/x', 'llama3'])('refuses the name "%s"', (name) => {
  expect(parseModelName(name)).toMatchObject({ ok: false, reason: expect.stringContaining('provider/model') })
})
