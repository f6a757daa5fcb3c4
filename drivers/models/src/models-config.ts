import { join } from 'node:path'
import type { ModelsConfig } from './create-language-model.ts'
import type { Provider } from './model-name.ts'
import { isLoopback, LOCAL_SERVERS } from './openai-compatible.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads keys and addresses from the environment, which is handed in. An empty variable is an absent one. */
export function modelsConfig(environment: Environment, home: string): ModelsConfig {
  const read = (name: string): string | undefined => environment[name]?.trim() || undefined
  const anthropicKey = read('ANTHROPIC_API_KEY')
  const anthropicUrl = read('ANTHROPIC_BASE_URL')
  const bedrock = bedrockConfig(read)
  return {
    ...(anthropicKey && {
      anthropic: { apiKey: anthropicKey, ...(anthropicUrl && { baseUrl: anthropicUrl }) },
    }),
    ...(bedrock && { bedrock }),
    servers: serverConfigs(read),
    ggufFolder: join(home, 'models'),
  }
}

type Read = (name: string) => string | undefined

function bedrockConfig(read: Read): ModelsConfig['bedrock'] {
  const region = read('AWS_REGION') ?? read('AWS_DEFAULT_REGION')
  const bearerToken = read('AWS_BEARER_TOKEN_BEDROCK')
  const accessKeyId = read('AWS_ACCESS_KEY_ID')
  const secretAccessKey = read('AWS_SECRET_ACCESS_KEY')
  const sessionToken = read('AWS_SESSION_TOKEN')
  const baseUrl = read('AWS_ENDPOINT_URL_BEDROCK_RUNTIME')
  if (region === undefined) return undefined
  const address = { region, ...(baseUrl && { baseUrl }) }
  if (bearerToken !== undefined) return { ...address, credentials: { bearerToken } }
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined
  return { ...address, credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } }
}

function serverConfigs(read: Read): NonNullable<ModelsConfig['servers']> {
  const key = read('OPENAI_API_KEY')
  const url = read('OPENAI_BASE_URL')
  const openRouterKey = read('OPENROUTER_API_KEY')
  return {
    ...(openRouterKey && { openrouter: { apiKey: openRouterKey } }),
    ...(url && { [providerAt(url)]: { baseUrl: url, ...(key && { apiKey: key }) } }),
    ...(!url && key && { openai: { apiKey: key } }),
  }
}

/** Who serves models at `OPENAI_BASE_URL`, as far as the address tells. */
function providerAt(url: string): Provider {
  if (!URL.canParse(url)) return 'openai-compatible'
  const { hostname, port } = new URL(url)
  if (hostname === 'api.openai.com') return 'openai'
  const local = isLoopback(url) ? LOCAL_SERVERS.find((server) => String(server.port) === port) : undefined
  return local?.provider ?? 'openai-compatible'
}
