import { type LanguageModel, ModelError } from '@infrafabric/ports'
import type { CallContext } from './errors.ts'
import { fetchWithoutRedirects } from './http.ts'
import { missingPackage } from './missing-package.ts'
import { sdkLanguageModel } from './sdk-model.ts'
import { baseUrlOf } from './settings.ts'

export interface BedrockConfig {
  region: string
  credentials:
    | { bearerToken: string }
    | { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /** Left out: the region's own endpoint. */
  baseUrl?: string
  timeoutMs?: number
}

export function bedrockModel(model: string, config: BedrockConfig): LanguageModel {
  const { region, credentials } = config
  const name = `bedrock/${model}`
  const url = baseUrlOf(name, config.baseUrl ?? `https://bedrock-runtime.${region}.amazonaws.com`)
  const context: CallContext = {
    name,
    url,
    keyRemedy:
      'set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, to valid credentials',
    secrets: 'bearerToken' in credentials ? [credentials.bearerToken] : [credentials.secretAccessKey],
  }
  const missing = Object.entries({ region, ...credentials }).find(([, value]) => value === '')
  if (missing !== undefined) {
    const detail = `${context.name}: ${missing[0]} is empty; ${context.keyRemedy}, and AWS_REGION`
    throw new ModelError('unauthorized', detail, { billed: 'no' })
  }
  return sdkLanguageModel({
    provider: 'bedrock',
    model,
    free: false,
    context,
    timeoutMs: config.timeoutMs,
    load: async () => {
      const { createAmazonBedrock } = await importBedrock(context.name)
      // Every setting is given, an empty one too: what is left out, the SDK would take from the environment.
      const key =
        'bearerToken' in credentials
          ? { apiKey: credentials.bearerToken }
          : { apiKey: '', credentialProvider: () => Promise.resolve(credentials) }
      return createAmazonBedrock({ region, baseURL: url, fetch: fetchWithoutRedirects, ...key })(model)
    },
    // Bedrock has no free call that every key allowed to invoke a model may also make: the credentials are there
    // and the package loads, but whether AWS accepts them and the model only the first answer tells.
    check: async () => {
      await importBedrock(context.name)
    },
  })
}

async function importBedrock(name: string): Promise<typeof import('@ai-sdk/amazon-bedrock')> {
  try {
    return await import('@ai-sdk/amazon-bedrock')
  } catch (error) {
    throw missingPackage(name, '@ai-sdk/amazon-bedrock@5.0.101', error)
  }
}
