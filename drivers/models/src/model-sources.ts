import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Role } from '@infrafabric/session'
import type { ModelsConfig } from './create-language-model.ts'
import { fetchWithoutRedirects, listedIds } from './http.ts'
import type { ModelSpec, Provider } from './model-name.ts'
import type { Environment } from './models-config.ts'
import { LOCAL_SERVERS } from './openai-compatible.ts'

/** One way to a model: usable, or why not and what would make it so. */
export interface ModelOption {
  /** For people, as in `Anthropic`. */
  source: string
  usable: boolean
  /** A reason that can follow a colon, without a full stop. */
  why: string
  /** Of a usable one. */
  roles?: Record<Role, ModelSpec>
  /** Of a server that was found. */
  baseUrl?: string
  /** Names of the models there, where they were asked for. */
  models?: string[]
}

/** What looking for models touches, so that tests can stand in for the machine. */
export interface Probes {
  /** Ids of the models served at this base URL; undefined when nobody answers in time, or something else does. */
  servedModels(baseUrl: string, apiKey: string | undefined, timeoutMs: number): Promise<string[] | undefined>
  /** Files in a folder; none when there is no folder. */
  files(folder: string): Promise<string[]>
  isFile(path: string): Promise<boolean>
  /** Whether an optional package is installed. */
  isInstalled(packageName: string): Promise<boolean>
}

interface Looking {
  environment: Environment
  home: string
  config: ModelsConfig
  probes: Probes
}

interface Source {
  name: string
  look(looking: Looking): Promise<ModelOption[]>
}

/**
 * What `auto` uses at each provider, as of November 2026: the smaller model for the many tasks, the larger one
 * for the two that need the overview. All of them are in the price book.
 */
const DEFAULTS = {
  anthropic: { worker: 'claude-haiku-4-5', larger: 'claude-sonnet-5' },
  bedrock: {
    worker: 'global.anthropic.claude-haiku-4-5-20251001-v1:0',
    larger: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
  },
  openai: { worker: 'gpt-5-mini', larger: 'gpt-5' },
} as const

const LOCAL_PROBE_MS = 150
const SERVER_PROBE_MS = 3_000

/** In the order in which `auto` prefers them. */
export const SOURCES: readonly Source[] = [
  { name: 'Anthropic', look: async ({ config }) => [anthropic(config)] },
  { name: 'Amazon Bedrock', look: async (looking) => [await bedrock(looking)] },
  { name: 'OpenAI-compatible server', look: async (looking) => [await configuredServer(looking)] },
  { name: 'local server', look: localServers },
  { name: 'local GGUF', look: async (looking) => [await gguf(looking)] },
]

function anthropic(config: ModelsConfig): ModelOption {
  const source = 'Anthropic'
  if (config.anthropic === undefined) return { source, usable: false, why: 'ANTHROPIC_API_KEY is not set' }
  return { source, usable: true, why: 'ANTHROPIC_API_KEY is set', roles: defaults('anthropic') }
}

async function bedrock({ config, probes }: Looking): Promise<ModelOption> {
  const source = 'Amazon Bedrock'
  if (config.bedrock === undefined) {
    const why =
      'no AWS_REGION with AWS_BEARER_TOKEN_BEDROCK, or with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
    return { source, usable: false, why }
  }
  if (!(await probes.isInstalled('@ai-sdk/amazon-bedrock'))) {
    const why =
      'there are AWS credentials, but a package is missing: npm install @ai-sdk/amazon-bedrock@5.0.101'
    return { source, usable: false, why }
  }
  return {
    source,
    usable: true,
    why: `there are AWS credentials for ${config.bedrock.region}`,
    roles: defaults('bedrock'),
  }
}

async function configuredServer({ config, environment, probes }: Looking): Promise<ModelOption> {
  const source = 'OpenAI-compatible server'
  if (config.servers?.openai !== undefined) {
    return { source: 'OpenAI', usable: true, why: 'OPENAI_API_KEY is set', roles: defaults('openai') }
  }
  const entry = Object.entries(config.servers ?? {}).find(([provider]) => provider !== 'openrouter')
  const baseUrl = entry?.[1].baseUrl
  if (entry === undefined || baseUrl === undefined) {
    return { source, usable: false, why: 'neither OPENAI_BASE_URL nor OPENAI_API_KEY is set' }
  }
  const provider = entry[0] as Provider
  const named = environment.OPENAI_MODEL?.trim() || undefined
  const models =
    named === undefined ? await probes.servedModels(baseUrl, entry[1].apiKey, SERVER_PROBE_MS) : [named]
  const model = models?.find(canChat)
  if (model === undefined) {
    const why = `OPENAI_BASE_URL is ${baseUrl}, which lists no models; name one with OPENAI_MODEL`
    return { source, usable: false, why }
  }
  return {
    source,
    usable: true,
    why: `OPENAI_BASE_URL is ${baseUrl}`,
    roles: same({ provider, model }),
    baseUrl,
    ...(models && { models }),
  }
}

/** Nobody answers on most ports, so all are asked at once and none for long. */
async function localServers({ environment, probes }: Looking): Promise<ModelOption[]> {
  if (environment.INFRAFABRIC_NO_PROBE?.trim()) {
    return [{ source: 'local server', usable: false, why: 'not looked for, as INFRAFABRIC_NO_PROBE is set' }]
  }
  return Promise.all(
    LOCAL_SERVERS.map(async ({ provider, label, port }): Promise<ModelOption> => {
      const baseUrl = `http://127.0.0.1:${port}/v1`
      const models = await probes.servedModels(baseUrl, undefined, LOCAL_PROBE_MS)
      const model = models?.find(canChat)
      if (models === undefined) return { source: label, usable: false, why: `nobody answers on port ${port}` }
      if (model === undefined)
        return { source: label, usable: false, why: `${label} on port ${port} has no model yet` }
      const why = `${label} answers on port ${port}`
      return { source: label, usable: true, why, roles: same({ provider, model }), baseUrl, models }
    }),
  )
}

async function gguf({ environment, home, probes }: Looking): Promise<ModelOption> {
  const source = 'local GGUF'
  const named = environment.INFRAFABRIC_GGUF?.trim() || undefined
  const folder = join(home, 'models')
  const found = named ?? (await probes.files(folder)).filter((file) => /\.gguf$/i.test(file)).sort()[0]
  if (found === undefined) {
    return { source, usable: false, why: `no .gguf file in ${folder}, and INFRAFABRIC_GGUF is not set` }
  }
  const path = named ?? join(folder, found)
  if (!(await probes.isFile(path)))
    return { source, usable: false, why: `INFRAFABRIC_GGUF: ${path} is not a file` }
  if (!(await probes.isInstalled('node-llama-cpp'))) {
    const why = `${basename(path)} is there, but a package is missing: npm install node-llama-cpp@3.22.1`
    return { source, usable: false, why }
  }
  return {
    source,
    usable: true,
    why: `${path} is on this machine`,
    roles: same({ provider: 'gguf', model: path }),
  }
}

/** Lists of models hold ones that only embed, transcribe or rank, and ones that run in somebody's cloud. */
function canChat(id: string): boolean {
  return !/embed|bge-|whisper|rerank|tts|[-:]cloud$/i.test(id)
}

function defaults(provider: keyof typeof DEFAULTS): Record<Role, ModelSpec> {
  const { worker, larger } = DEFAULTS[provider]
  return {
    planner: { provider, model: larger },
    worker: { provider, model: worker },
    synthesizer: { provider, model: larger },
  }
}

function same(spec: ModelSpec): Record<Role, ModelSpec> {
  return { planner: spec, worker: spec, synthesizer: spec }
}

export const realProbes: Probes = {
  async servedModels(baseUrl, apiKey, timeoutMs) {
    try {
      const headers: Record<string, string> =
        apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
      const url = `${baseUrl.replace(/\/+$/, '')}/models`
      const response = await fetchWithoutRedirects(url, { headers, signal: AbortSignal.timeout(timeoutMs) })
      return response.ok ? listedIds(await response.json()) : undefined
    } catch {
      return undefined
    }
  },
  files: (folder) => readdir(folder).catch(() => []),
  isFile: (path) =>
    stat(path).then(
      (found) => found.isFile(),
      () => false,
    ),
  isInstalled: async (packageName) => {
    try {
      import.meta.resolve(packageName)
      return true
    } catch {
      return false
    }
  },
}
