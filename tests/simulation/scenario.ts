import type { AgentRuntime, AgentTools, Brief } from '@infrafabric/ports'
import {
  defaultMission,
  inputTokensBound,
  type Mission,
  type ModelPrice,
  type Outcome,
  type PlannedTask,
  type Role,
  sliceMicros,
  type Terms,
} from '@infrafabric/session'
import type { Random } from './random.ts'

/** What one seed runs. */
export interface Scenario {
  session: string
  mission: Mission
  terms: Record<Role, Terms>
  synthesize: boolean
  price: ModelPrice
  /** Agents whose keys are in the wrong hands. */
  hostile: string[]
  runtime: AgentRuntime
}

const OUTPUT_TOKENS_MAX = 200

export function drawScenario(random: Random): Scenario {
  const price: ModelPrice = {
    model: 'simulated/small',
    input: random.between(0, 5) * 1_000_000,
    cacheRead: random.between(0, 5) * 100_000,
    cacheWrite: random.between(0, 7) * 1_000_000,
    output: random.between(1, 25) * 1_000_000,
    source: 'simulation',
  }
  const terms: Terms = {
    model: price.model,
    price,
    callsMax: random.between(1, 3),
    inputTokensMax: inputTokensBound({ system: '', prompt: '' }) + 300,
    outputTokensMax: OUTPUT_TOKENS_MAX,
  }
  const tasks = random.chance(0.3) ? [] : drawTasks(random, 12)
  const synthesize = random.chance(0.5)
  const attempts = Math.max(3, tasks.length + 2)
  const budgetMicros = Math.ceil(sliceMicros(terms) * random.scale(0.7, attempts * 6))
  const defaults = defaultMission()
  const workers = random.between(1, 4)
  const agent = { model: price.model, concurrency: random.between(1, 3) }
  const mission: Mission = {
    ...defaults,
    name: 'simulated',
    objective: 'What holds under fire?',
    agents: {
      planner: { ...agent, count: 1, concurrency: 1 },
      worker: { ...agent, count: workers },
      synthesizer: { ...agent, count: 1, concurrency: 1 },
    },
    budgetMicros,
    deadlineMs: random.chance(0.3) ? Math.floor(random.scale(10_000, 3_600_000)) : null,
    attemptsMax: random.between(1, 4),
    attemptTimeoutMs: Math.floor(random.scale(2_000, 120_000)),
    tasks,
  }
  return {
    session: `simulated-${random.next().toString(36)}`,
    mission,
    terms: { planner: terms, worker: terms, synthesizer: terms },
    synthesize,
    price,
    hostile: random.chance(0.3) ? [`h0${random.between(1, workers)}`] : [],
    runtime: simulatedAgent(random),
  }
}

function drawTasks(random: Random, most: number): PlannedTask[] {
  return Array.from({ length: random.between(1, most) }, (_, at) => {
    const needs = new Set<string>()
    for (let i = 0; at > 0 && i < 2; i++) if (random.chance(0.3)) needs.add(`t${random.between(0, at - 1)}`)
    return { id: `t${at}`, question: `Question ${at}?`, needs: [...needs] }
  })
}

/** Makes a few calls and answers with what no other attempt would say, so that a second acceptance shows. */
function simulatedAgent(random: Random): AgentRuntime {
  async function perform(brief: Brief, tools: AgentTools, _signal: AbortSignal): Promise<Outcome> {
    const said: string[] = []
    for (let call = random.between(0, 3); call > 0; call--) {
      const prompt = random.chance(0.2) ? 'x'.repeat(random.between(1, 280)) : `call ${call}`
      const response = await tools
        .complete({ system: `${brief.task} ${brief.attempt}`, prompt, outputTokensMax: OUTPUT_TOKENS_MAX })
        .catch((error: unknown) => {
          // Some agents go on after a failed call, others give up.
          if (random.chance(0.5)) throw error
          return { text: 'nothing' }
        })
      said.push(response.text)
    }
    if (random.chance(0.03)) throw new Error('the agent fell over')
    const answer = `${brief.task} ${brief.attempt} ${random.next()} ${said.join(', ')}`
    // Too large for a message, so that it travels as a claim check.
    const long = random.chance(0.03) ? 'long '.repeat(10_000) : ''
    const outcome: Outcome = { answer: answer + long, claims: [] }
    if (brief.role === 'planner') outcome.tasks = random.chance(0.1) ? [] : drawTasks(random, 6)
    return outcome
  }
  return { name: 'simulated', perform }
}
