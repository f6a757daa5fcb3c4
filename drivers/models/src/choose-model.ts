import { ModelError } from '@infrafabric/ports'
import type { Role } from '@infrafabric/session'
import type { ModelsConfig } from './create-language-model.ts'
import { type ModelSpec, nameOf, parseModelName } from './model-name.ts'
import { type ModelOption, type Probes, realProbes, SOURCES } from './model-sources.ts'
import { type Environment, modelsConfig } from './models-config.ts'

export interface ChooseRequest {
  /** `auto`, `extractive` or a model's name. */
  wanted: string
  environment: Environment
  /** The state folder, as in `./.infrafabric`: GGUF models are in its `models`. */
  home: string
  /** Looks at ports and files; left out: the real ones. */
  probes?: Probes
}

export interface ModelChoice {
  /** For workers. */
  model: ModelSpec | 'extractive'
  /** Planner and synthesizer get a larger model where the provider has one and none was named. */
  roles: Record<Role, ModelSpec | 'extractive'>
  /** What was chosen and why, as one sentence. */
  why: string
  /** The others that `auto` knows of, in the order in which it prefers them. */
  alternatives: ModelOption[]
  /** For createLanguageModel. */
  config: ModelsConfig
}

/** Settles which model a mission's `model:` means. Rejects with ModelError when it means none. */
export async function chooseModel(request: ChooseRequest): Promise<ModelChoice> {
  const config = modelsConfig(request.environment, request.home)
  const wanted = request.wanted.trim()
  if (wanted === 'extractive') {
    return {
      model: wanted,
      roles: everywhere(wanted),
      why: 'extractive was asked for.',
      alternatives: [],
      config,
    }
  }
  if (wanted !== 'auto') {
    const parsed = parseModelName(wanted)
    if (!parsed.ok) throw new ModelError('invalid-request', parsed.reason, { billed: 'no' })
    const why = `${nameOf(parsed.spec)} was asked for.`
    return { model: parsed.spec, roles: everywhere(parsed.spec), why, alternatives: [], config }
  }
  const options = await survey(request, config, true)
  const chosen = options.find((option) => option.usable)
  const alternatives = options.filter((option) => option !== chosen)
  if (chosen?.roles === undefined) {
    const why =
      'extractive, which quotes and needs no model: no language model is usable here, and `infrafabric models` says why.'
    return { model: 'extractive', roles: everywhere('extractive'), why, alternatives, config }
  }
  const { worker, planner } = chosen.roles
  const larger = nameOf(planner) === nameOf(worker) ? '' : ` (${nameOf(planner)} to plan and to sum up)`
  return {
    model: worker,
    roles: chosen.roles,
    why: `${nameOf(worker)}${larger}: ${chosen.why}.`,
    alternatives,
    config: withServer(config, chosen),
  }
}

/** What is usable here and why the rest is not, in the order in which `auto` prefers them. */
export async function listModels(request: Omit<ChooseRequest, 'wanted'>): Promise<ModelOption[]> {
  const options = await survey(request, modelsConfig(request.environment, request.home), false)
  return [
    ...options,
    { source: 'extractive', usable: true, why: 'always here: quotes the evidence, needs no model' },
  ]
}

async function survey(
  request: Omit<ChooseRequest, 'wanted'>,
  config: ModelsConfig,
  stopAtFirst: boolean,
): Promise<ModelOption[]> {
  const options: ModelOption[] = []
  for (const source of SOURCES) {
    const settled = stopAtFirst && options.some((option) => option.usable)
    if (settled)
      options.push({ source: source.name, usable: false, why: 'not looked for, as one was found before it' })
    else options.push(...(await source.look({ ...request, config, probes: request.probes ?? realProbes })))
  }
  return options
}

function everywhere(model: ModelSpec | 'extractive'): ModelChoice['roles'] {
  return { planner: model, worker: model, synthesizer: model }
}

function withServer(config: ModelsConfig, { roles, baseUrl }: ModelOption): ModelsConfig {
  const provider = roles?.worker.provider
  if (provider === undefined || baseUrl === undefined || config.servers?.[provider] !== undefined)
    return config
  return { ...config, servers: { ...config.servers, [provider]: { baseUrl } } }
}
