// Not the whole package: its price book takes 20 MB and 80 ms, and most missions need no price.
import { parsePriceOption } from '@infrafabric/costs/parse-price'
import { type Mission, type MissionFile, type ModelPrice, missionFromQuestion } from '@infrafabric/session'
import type { Arguments } from './arguments.ts'
import { UserError } from './user-error.ts'

export type MissionOverrides = Partial<Omit<MissionFile, 'objective' | 'evidence'>>

/** What the options of a command say in place of a mission, written as in its file. */
export function overridesOf(options: Arguments): MissionOverrides {
  const model = options.text('model')
  const agents = options.text('agents')
  const budget = options.text('budget')
  const deadline = options.text('deadline')
  const all = model === undefined ? {} : { model }
  const worker = {
    ...all,
    // A text that is no number is left for the mission's own check, which says what it must be.
    ...(agents === undefined ? {} : { count: /^\d+$/.test(agents) ? Number(agents) : (agents as never) }),
  }
  return {
    ...(model === undefined && agents === undefined
      ? {}
      : { agents: { planner: { ...all }, worker, synthesizer: { ...all } } }),
    ...(budget === undefined ? {} : { budget }),
    ...(deadline === undefined ? {} : { deadline }),
  }
}

/** Prices from `--price`. */
export function pricesOf(options: Arguments): Record<string, ModelPrice> {
  const prices: Record<string, ModelPrice> = {}
  const faults: string[] = []
  for (const text of options.texts('price')) {
    const parsed = parsePriceOption(text)
    if (parsed.ok) prices[parsed.price.model] = parsed.price
    else faults.push(...parsed.faults)
  }
  if (faults.length > 0) throw new UserError(faults.join('\n'))
  return prices
}

/** The mission with what the options say in its place, checked by the rules of a mission file. */
export function withOverrides(mission: Mission, options: Arguments): Mission {
  const overrides = overridesOf(options)
  const checked = missionFromQuestion('Are these options right?', ['.'], overrides)
  if (!checked.ok) throw new UserError(checked.faults.map(optionFault).join('\n'))
  const wanted = checked.mission
  const deadlineMs = overrides.deadline === undefined ? mission.deadlineMs : wanted.deadlineMs
  const model = options.text('model') !== undefined
  const count = options.text('agents') !== undefined
  const { planner, worker, synthesizer } = mission.agents
  return {
    ...mission,
    budgetMicros: overrides.budget === undefined ? mission.budgetMicros : wanted.budgetMicros,
    deadlineMs,
    attemptTimeoutMs: Math.min(mission.attemptTimeoutMs, deadlineMs ?? mission.attemptTimeoutMs),
    agents: {
      planner: { ...planner, ...(model && { model: wanted.agents.planner.model }) },
      worker: {
        ...worker,
        ...(model && { model: wanted.agents.worker.model }),
        ...(count && { count: wanted.agents.worker.count }),
      },
      synthesizer: { ...synthesizer, ...(model && { model: wanted.agents.synthesizer.model }) },
    },
    prices: { ...mission.prices, ...pricesOf(options) },
  }
}

const OPTION_BY_PATH: ReadonlyMap<string, string> = new Map([
  ['budget', '--budget'],
  ['deadline', '--deadline'],
  ['evidence', '--evidence'],
  ['objective', 'the question'],
  ['agents.worker.count', '--agents'],
  ['agents.worker.model', '--model'],
])

/** A fault of what was typed, under the name by which it was typed. Empty when another line says the same. */
export function optionFault(fault: { path: string; message: string }): string {
  const root = fault.path.replace(/\[\d+\]$/, '')
  const name = OPTION_BY_PATH.get(root) ?? (root.endsWith('.model') ? '--model' : root)
  return `${name} ${fault.message}`
}
