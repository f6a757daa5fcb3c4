import {
  type LedgerLine,
  type ModelPrice,
  noUsage,
  ROLES,
  type Role,
  type Session,
  type Usage,
} from '@infrafabric/session'

/** Money in integer micro-dollars. Models' lines and `unreconciledMicros` add up to `spentMicros`. */
export interface Bill {
  /** No model of the session costs anything. */
  free: boolean
  limitMicros: number | null
  spentMicros: number
  /** Held by attempts under way. */
  reservedMicros: number
  /** Of what is spent: attempts that vanished, charged in full until they are heard of. */
  unreconciledMicros: number
  models: BillModel[]
  agents: LedgerLine[]
  tasks: { task: string; attempts: number; micros: number }[]
}

export interface BillModel {
  model: string
  roles: Role[]
  attempts: number
  calls: number
  /** Calls whose fate is unknown, charged at their ceiling. */
  callsUnknown: number
  usage: Usage
  micros: number
  /** null: calls cost nothing. */
  price: ModelPrice | null
}

export function buildBill(session: Session): Bill {
  const { budget, terms } = session
  const models = new Map<string, BillModel>()
  for (const role of ROLES) {
    const { model, price } = terms[role]
    const line = models.get(model)
    if (line === undefined) {
      models.set(model, {
        model,
        roles: [role],
        attempts: 0,
        calls: 0,
        callsUnknown: 0,
        usage: noUsage(),
        micros: 0,
        price,
      })
    } else line.roles.push(role)
  }
  for (const line of session.ledger.values()) {
    const sum = models.get(line.model)
    if (sum === undefined) continue
    sum.attempts += line.attempts
    sum.calls += line.calls
    sum.callsUnknown += line.callsUnknown
    sum.micros += line.micros
    for (const kind of Object.keys(sum.usage) as (keyof Usage)[]) sum.usage[kind] += line.usage[kind]
  }
  return {
    free: [...models.values()].every((line) => line.price === null),
    limitMicros: budget.limit,
    spentMicros: budget.spent,
    reservedMicros: budget.reserved,
    unreconciledMicros: budget.unreconciled,
    models: [...models.values()],
    agents: [...session.ledger.values()].sort((a, b) =>
      a.agent === b.agent ? (a.model < b.model ? -1 : 1) : a.agent < b.agent ? -1 : 1,
    ),
    tasks: session.tasks
      .filter((task) => task.attempts.length > 0)
      .map((task) => ({
        task: task.id,
        attempts: task.attempts.length,
        micros: task.attempts.reduce((sum, attempt) => sum + attempt.costMicros, 0),
      })),
  }
}
