import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ModelError } from '@infrafabric/ports'
import { describe, expect, it } from 'vitest'
import { chooseModel, listModels } from './choose-model.ts'
import { type Probes, realProbes } from './model-sources.ts'
import { startLoopback } from './testing/index.ts'

/** A machine with nothing on it. */
const nothing: Probes = {
  servedModels: async () => undefined,
  files: async () => [],
  isFile: async () => false,
  isInstalled: async () => false,
}
const home = '/home/skipper/.infrafabric'

function choose(environment: Record<string, string>, probes: Partial<Probes> = {}, wanted = 'auto') {
  return chooseModel({ wanted, environment, home, probes: { ...nothing, ...probes } })
}

const aws = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' }

describe('auto', () => {
  it('takes Anthropic first, with a larger model to plan and to sum up', async () => {
    const choice = await choose({
      ANTHROPIC_API_KEY: 'k',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
      ...aws,
      OPENAI_API_KEY: 'o',
    })
    expect(choice.model).toEqual({ provider: 'anthropic', model: 'claude-haiku-4-5' })
    expect(choice.roles.planner).toEqual({ provider: 'anthropic', model: 'claude-sonnet-5' })
    expect(choice.roles.synthesizer).toEqual(choice.roles.planner)
    expect(choice.why).toBe(
      'anthropic/claude-haiku-4-5 (anthropic/claude-sonnet-5 to plan and to sum up): ANTHROPIC_API_KEY is set.',
    )
    expect(choice.config.anthropic).toEqual({ apiKey: 'k', baseUrl: 'http://127.0.0.1:9' })
    expect(choice.alternatives[0]).toMatchObject({ source: 'Amazon Bedrock', usable: false })
  })

  it('takes Bedrock next, where its package is installed', async () => {
    const choice = await choose({ ...aws, OPENAI_API_KEY: 'o' }, { isInstalled: async () => true })
    expect(choice.model).toMatchObject({ provider: 'bedrock' })
    const without = await choose({ ...aws, OPENAI_API_KEY: 'o' })
    expect(without.model).toEqual({ provider: 'openai', model: 'gpt-5-mini' })
    expect(without.alternatives).toContainEqual(
      expect.objectContaining({ why: expect.stringContaining('npm install @ai-sdk/amazon-bedrock') }),
    )
  })

  it('takes the server that is configured, and the first of its models that can chat', async () => {
    const choice = await choose(
      { OPENAI_BASE_URL: 'http://10.0.0.7:9000/v1', OPENAI_API_KEY: 'o' },
      {
        servedModels: async (url) =>
          url.includes('10.0.0.7') ? ['nomic-embed-text', 'llama3.3'] : undefined,
      },
    )
    expect(choice.model).toEqual({ provider: 'openai-compatible', model: 'llama3.3' })
    expect(choice.config.servers).toEqual({
      'openai-compatible': { baseUrl: 'http://10.0.0.7:9000/v1', apiKey: 'o' },
    })
  })

  it('takes the model that OPENAI_MODEL names', async () => {
    const choice = await choose({ OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1', OPENAI_MODEL: 'qwen' })
    expect(choice.model).toEqual({ provider: 'vllm', model: 'qwen' })
  })

  it('takes a model server on this machine, found by its port', async () => {
    const choice = await choose(
      {},
      { servedModels: async (url) => (url.includes(':1234/') ? ['gemma'] : undefined) },
    )
    expect(choice.model).toEqual({ provider: 'lm-studio', model: 'gemma' })
    expect(choice.why).toBe('lm-studio/gemma: LM Studio answers on port 1234.')
    expect(choice.config.servers?.['lm-studio']).toEqual({ baseUrl: 'http://127.0.0.1:1234/v1' })
  })

  it('asks no port when told not to', async () => {
    let asked = 0
    const servedModels = async () => {
      asked += 1
      return ['x']
    }
    const choice = await choose({ INFRAFABRIC_NO_PROBE: '1' }, { servedModels })
    expect(choice.model).toBe('extractive')
    expect(asked).toBe(0)
  })

  it('takes a GGUF that is here, where its package is installed', async () => {
    const probes = { files: async () => ['b.gguf', 'notes.txt', 'a.gguf'], isFile: async () => true }
    const choice = await choose({}, { ...probes, isInstalled: async () => true })
    expect(choice.model).toEqual({ provider: 'gguf', model: join(home, 'models', 'a.gguf') })
    const without = await choose({}, probes)
    expect(without.model).toBe('extractive')
    expect(without.alternatives.at(-1)?.why).toContain('npm install node-llama-cpp')
  })

  it('falls back to extractive and says what was missing', async () => {
    const choice = await choose({ ANTHROPIC_API_KEY: '  ' })
    expect(choice.model).toBe('extractive')
    expect(choice.why).toContain('no language model is usable here')
    expect(choice.alternatives.map(({ why }) => why).join('\n')).toContain('ANTHROPIC_API_KEY is not set')
  })
})

describe('a name', () => {
  it('is taken for every role, without looking around', async () => {
    const choice = await choose({ ANTHROPIC_API_KEY: 'k' }, {}, 'anthropic/claude-opus-5')
    expect(new Set(Object.values(choice.roles))).toEqual(
      new Set([{ provider: 'anthropic', model: 'claude-opus-5' }]),
    )
    expect((await choose({}, {}, 'extractive')).model).toBe('extractive')
  })

  it('that means no model is refused with an example', async () => {
    await expect(choose({}, {}, 'best')).rejects.toThrow(ModelError)
    await expect(choose({}, {}, 'best')).rejects.toThrow('anthropic/claude-haiku-4-5')
  })
})

it('lists everything, usable or not', async () => {
  const options = await listModels({ environment: { ANTHROPIC_API_KEY: 'k' }, home, probes: nothing })
  expect(options.map(({ source, usable }) => [source, usable])).toEqual([
    ['Anthropic', true],
    ['Amazon Bedrock', false],
    ['OpenAI-compatible server', false],
    ['Ollama', false],
    ['LM Studio', false],
    ['llama.cpp', false],
    ['vLLM', false],
    ['local GGUF', false],
    ['extractive', true],
  ])
})

describe('the real probes', () => {
  it('read the models of a server, and of nothing else', async () => {
    const server = await startLoopback(({ path }) =>
      path === '/v1/models' ? { status: 200, body: { data: [{ id: 'm' }] } } : { fault: 'garbage' },
    )
    const hung = await startLoopback(() => ({ fault: 'hang' }))
    expect(await realProbes.servedModels(`${server.url}/v1`, undefined, 2_000)).toEqual(['m'])
    expect(await realProbes.servedModels(`${server.url}/web`, undefined, 2_000)).toBeUndefined()
    expect(await realProbes.servedModels(`${hung.url}/v1`, undefined, 50)).toBeUndefined()
    await server.close()
    expect(await realProbes.servedModels(`${server.url}/v1`, undefined, 2_000)).toBeUndefined()
    await hung.close()
  })

  it('see files and packages', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'models-'))
    await mkdir(join(folder, 'sub'))
    await writeFile(join(folder, 'a.gguf'), 'GGUF')
    expect((await realProbes.files(folder)).sort()).toEqual(['a.gguf', 'sub'])
    expect(await realProbes.files(join(folder, 'none'))).toEqual([])
    expect(await realProbes.isFile(join(folder, 'a.gguf'))).toBe(true)
    expect(await realProbes.isFile(join(folder, 'sub'))).toBe(false)
    expect(await realProbes.isInstalled('@ai-sdk/anthropic')).toBe(true)
    expect(await realProbes.isInstalled('@infrafabric/no-such-package')).toBe(false)
    await rm(folder, { recursive: true })
  })
})
