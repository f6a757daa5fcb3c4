import {
  type AgentSpec,
  callCeilingMicros,
  type ModelPrice,
  type Role,
  sliceMicros,
  type Terms,
} from '@infrafabric/session'

/** Bounds of one model call, in tokens. Input counts bytes (see `inputTokensBound`), about four to a real token. */
const CALL = { inputMost: 24_000, inputLeast: 6_000, outputMost: 2_000, outputLeast: 700 }
/** The planner lists tasks and the synthesizer reads every result: they get more. */
const LARGER: Record<Role, number> = { planner: 1, worker: 1, synthesizer: 2 }
/** Local models have small contexts and cost nothing. */
const FREE_CALL = { input: 16_000, output: 1_500 }

/** Terms of agents that call no model. */
export function termsWithoutModel(name: 'extractive' | 'function'): Terms {
  return { model: name, price: null, callsMax: 0, inputTokensMax: 0, outputTokensMax: 0 }
}

export function termsOfFreeModel(model: string): Terms {
  return {
    model,
    price: null,
    callsMax: 4,
    inputTokensMax: FREE_CALL.input,
    outputTokensMax: FREE_CALL.output,
  }
}

/** Part of the budget that planning, or putting the results together, may take at the most. */
const OVERHEAD_SHARE = 0.3

/**
 * Terms under which all agents of a role can work at the same time within the budget: the smaller the budget,
 * the shorter the prompts and answers, down to the least that is of use.
 */
export function termsOfPaidModel(
  role: Role,
  model: string,
  price: ModelPrice,
  budgetMicros: number,
  agents: AgentSpec,
): Terms {
  const share = role === 'worker' ? 1 / (agents.count * agents.concurrency) : OVERHEAD_SHARE
  const most = termsAt(1, LARGER[role], model, price)
  // The slice is linear in the scale, up to rounding.
  const scale = Math.min(1, (budgetMicros * share) / sliceMicros(most))
  return termsAt(scale, LARGER[role], model, price)
}

/** Whether a larger model fits the budget as planner or synthesizer; if not, the workers' model does it. */
export function affordsOverhead(terms: Terms, budgetMicros: number): boolean {
  return sliceMicros(terms) <= budgetMicros * OVERHEAD_SHARE
}

function termsAt(scale: number, larger: number, model: string, price: ModelPrice): Terms {
  return {
    model,
    price,
    callsMax: 1,
    inputTokensMax: Math.max(CALL.inputLeast, Math.floor(CALL.inputMost * larger * scale)),
    outputTokensMax: Math.max(CALL.outputLeast, Math.floor(CALL.outputMost * larger * scale)),
  }
}

/** The least budget with which the session could make a call of every role it needs, in micro-dollars. */
export function leastBudgetMicros(terms: Record<Role, Terms>, roles: readonly Role[]): number {
  return Math.max(0, ...roles.map((role) => callCeilingMicros(terms[role])))
}
