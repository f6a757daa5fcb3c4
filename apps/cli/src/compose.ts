import { join } from 'node:path'
import type { LocalPlatform } from '@infrafabric/driver-local'
import type { ModelChoice, ModelOption, ModelsConfig } from '@infrafabric/driver-models'
import type { Gathered, GatherOptions } from '@infrafabric/driver-sources'
import type { Document } from '@infrafabric/evidence'
import { type LanguageModel, ModelError } from '@infrafabric/ports'
import {
  type AgentFunction,
  type AgentProgram,
  functionAgent,
  importSigner,
  modelAgent,
  type NodeSigner,
} from '@infrafabric/runtime'
import { type Mission, ROLES, type Role, type SourceRecord, type Terms } from '@infrafabric/session'
import { affordsOverhead, termsOfFreeModel, termsOfPaidModel, termsWithoutModel } from './terms-for.ts'
import { UserError } from './user-error.ts'

export type { LocalPlatform } from '@infrafabric/driver-local'

// The only file that names drivers; each is imported when it is first needed.

export type Environment = Readonly<Record<string, string | undefined>>
export type FunctionAgents = Partial<Record<Role, AgentFunction>>

export async function openPlatform(home: string, readOnly: boolean): Promise<LocalPlatform> {
  const { openLocalPlatform } = await import('@infrafabric/driver-local')
  return openLocalPlatform({ home, readOnly })
}

export async function operatorSigner(platform: LocalPlatform): Promise<NodeSigner> {
  const key = await platform.operatorKey()
  return importSigner(key.export({ type: 'pkcs8', format: 'pem' }).toString())
}

export async function gather(patterns: readonly string[], options: GatherOptions): Promise<Gathered> {
  // Loading the readers takes 150 ms.
  if (patterns.length === 0) return { sources: [], problems: [] }
  const { gatherSources } = await import('@infrafabric/driver-sources')
  return gatherSources(patterns, options)
}

/**
 * A source's text, extracted again. null for a source from the network, whose headers were not kept, and where the
 * reader is another one now.
 */
export async function readAgain(
  source: SourceRecord,
  bytes: Uint8Array,
  stored: Pick<Document, 'reader'>,
): Promise<Document | null> {
  if (source.accessedAt !== null) return null
  const { readSource } = await import('@infrafabric/driver-sources')
  const { document } = (await readSource({ name: source.name, bytes })).source
  return document.reader === stored.reader ? document : null
}

/** Who does the work of a new session, on what terms, and why these. */
export interface Cast {
  terms: Record<Role, Terms>
  programs: Record<Role, AgentProgram>
  /** What was chosen and why, for people; one line a choice. */
  why: string[]
}

export interface CastOptions {
  mission: Mission
  environment: Environment
  home: string
  functions: FunctionAgents
  /** Roles that have work in this session; the others need no model. */
  roles: readonly Role[]
  /** Of a mission whose budget is null. */
  defaultBudgetMicros: number
}

/** Chooses models for a new session. Rejects with UserError when one has no price or no key. */
export async function castFor(options: CastOptions): Promise<Cast> {
  const { mission, functions } = options
  const terms: Partial<Record<Role, Terms>> = {}
  const programs: Partial<Record<Role, AgentProgram>> = {}
  const why: string[] = []
  // Choosing looks at ports and files, so roles that want the same share one choice.
  const choices = new Map<string, Promise<ModelChoice>>()
  const models = new Models()
  for (const role of ROLES) {
    const work = functions[role]
    if (work !== undefined) {
      terms[role] = termsWithoutModel('function')
      programs[role] = functionProgram(work)
      continue
    }
    const wanted = options.roles.includes(role) ? mission.agents[role].model : 'extractive'
    const { chooseModel, nameOf } = await import('@infrafabric/driver-models')
    const chosen =
      choices.get(wanted) ?? chooseModel({ wanted, environment: options.environment, home: options.home })
    choices.set(wanted, chosen)
    const choice = await chosen
    if (options.roles.includes(role) && !why.includes(choice.why)) why.push(choice.why)
    const spec = choice.roles[role]
    if (spec === 'extractive') {
      terms[role] = termsWithoutModel('extractive')
      programs[role] = await extractiveProgram()
      continue
    }
    let model = await models.get(nameOf(spec), choice.config)
    terms[role] = await termsOf(role, nameOf(spec), model, options)
    const smaller = choice.roles.worker
    if (
      role !== 'worker' &&
      wanted === 'auto' &&
      smaller !== 'extractive' &&
      !affordsOverhead(terms[role], budgetOf(options))
    ) {
      model = await models.get(nameOf(smaller), choice.config)
      terms[role] = await termsOf(role, nameOf(smaller), model, options)
    }
    programs[role] = programOf(terms[role], model)
  }
  return { terms: terms as Record<Role, Terms>, programs: programs as Record<Role, AgentProgram>, why }
}

/** The same agents again for a session that goes on, from the terms in its journal. */
export async function recast(
  terms: Record<Role, Terms>,
  environment: Environment,
  home: string,
  functions: FunctionAgents,
): Promise<Record<Role, AgentProgram>> {
  const programs: Partial<Record<Role, AgentProgram>> = {}
  const models = new Models()
  for (const role of ROLES) {
    const { model } = terms[role]
    const work = functions[role]
    if (model === 'function') {
      if (work === undefined) {
        throw new UserError(
          `the ${role} of this session is a function: resume it from the program that has it`,
        )
      }
      programs[role] = functionProgram(work)
    } else if (model === 'extractive') programs[role] = await extractiveProgram()
    else {
      const { modelsConfig } = await import('@infrafabric/driver-models')
      programs[role] = programOf(terms[role], await models.get(model, modelsConfig(environment, home)))
    }
  }
  return programs as Record<Role, AgentProgram>
}

/** One of each for all roles of a session: a model is checked once, and a local one is in memory once. */
class Models {
  readonly #byName = new Map<string, Promise<LanguageModel>>()

  get(name: string, config: ModelsConfig): Promise<LanguageModel> {
    const model = this.#byName.get(name) ?? languageModel(name, config)
    this.#byName.set(name, model)
    return model
  }
}

/** Agents that only say what their attempts have cost so far: for a session that is being cancelled. */
export function inertPrograms(terms: Record<Role, Terms>): Record<Role, AgentProgram> {
  const refuse = (): never => {
    throw new ModelError('aborted', 'the session is being cancelled', { billed: 'no' })
  }
  const programs: Partial<Record<Role, AgentProgram>> = {}
  for (const role of ROLES) {
    const { model, price } = terms[role]
    const idle: LanguageModel = {
      provider: 'none',
      model,
      free: price === null,
      complete: async () => refuse(),
      check: () => Promise.resolve(),
    }
    programs[role] = { runtime: functionAgent('none', refuse), model: price === null ? null : idle }
  }
  return programs as Record<Role, AgentProgram>
}

function functionProgram(work: AgentFunction): AgentProgram {
  return { runtime: functionAgent('function', work), model: null }
}

async function extractiveProgram(): Promise<AgentProgram> {
  const { createExtractive } = await import('@infrafabric/driver-models')
  return { runtime: createExtractive(), model: null }
}

async function languageModel(name: string, config: ModelsConfig): Promise<LanguageModel> {
  const { createLanguageModel, parseModelName } = await import('@infrafabric/driver-models')
  const parsed = parseModelName(name)
  if (!parsed.ok) throw new UserError(parsed.reason)
  return createLanguageModel(parsed.spec, config)
}

function programOf(terms: Terms, model: LanguageModel): AgentProgram {
  const { inputTokensMax, outputTokensMax } = terms
  const runtime = modelAgent({
    name: terms.model,
    inputTokensMax,
    outputTokensMax,
    citationsByGrammar: model.provider === 'gguf',
  })
  return { runtime, model }
}

async function termsOf(role: Role, name: string, model: LanguageModel, options: CastOptions): Promise<Terms> {
  const { mission } = options
  if (model.free) return termsOfFreeModel(name)
  // The price book takes 20 MB.
  const { priceOf } = await import('@infrafabric/costs')
  const found = priceOf(name, mission.prices)
  if (!found.ok) throw new UserError(found.reason)
  return termsOfPaidModel(role, name, found.price, budgetOf(options), mission.agents[role])
}

function budgetOf(options: CastOptions): number {
  return options.mission.budgetMicros ?? options.defaultBudgetMicros
}

export type { ModelOption } from '@infrafabric/driver-models'

/** What models can be used from here, in the order in which `auto` prefers them. */
export async function surveyModels(environment: Environment, home: string): Promise<ModelOption[]> {
  const { listModels } = await import('@infrafabric/driver-models')
  return listModels({ environment, home })
}

/** The model that a worker would use of this option; null: none has to be called. */
export async function workerModel(
  option: ModelOption,
  environment: Environment,
  home: string,
): Promise<LanguageModel | null> {
  if (option.roles === undefined) return null
  const { modelsConfig, nameOf } = await import('@infrafabric/driver-models')
  const { worker } = option.roles
  const config = modelsConfig(environment, home)
  const server = option.baseUrl === undefined ? {} : { [worker.provider]: { baseUrl: option.baseUrl } }
  return languageModel(nameOf(worker), { ...config, servers: { ...server, ...config.servers } })
}

export function defaultHome(environment: Environment, folder: string): string {
  return environment.INFRAFABRIC_HOME ?? join(folder, '.infrafabric')
}
