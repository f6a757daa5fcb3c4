import type { Provider } from './provider.ts'
import type { Acknowledged, Facts } from './session-facts.ts'

export interface Story {
  /** Finished notices that were printed, over all lives of the session. */
  acknowledged: readonly Acknowledged[]
  provider: Provider | null
  /** What was found wrong on the way. */
  faults: readonly string[]
}

/** What is wrong with a session that was disturbed and then finished; empty when nothing is. */
export function judge(facts: Facts, undisturbed: Facts, story: Story): string[] {
  const faults = [...story.faults]
  const expect = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault)
  }
  expect(facts.stopped === 'completed', `it ended as ${facts.stopped}`)
  expect(facts.faults.length === 0, `verify: ${facts.faults.slice(0, 3).join('; ')}`)
  expect(
    facts.report === undisturbed.report,
    `another report: ${firstDifference(facts.report, undisturbed.report)}`,
  )
  const resultsOf = new Map<string, Set<string>>()
  for (const { result, at } of story.acknowledged) {
    const acceptedAt = facts.accepted.get(result)
    expect(acceptedAt !== undefined, `acknowledged and lost: ${result}`)
    // A result that was lost and came again, word for word, was still lost.
    expect(acceptedAt === undefined || acceptedAt <= at, `acknowledged before it was accepted: ${result}`)
    const [task = ''] = result.split(' ', 1)
    resultsOf.set(task, (resultsOf.get(task) ?? new Set()).add(result))
  }
  for (const [task, results] of resultsOf) {
    expect(results.size === 1, `${results.size} results of ${task} were acknowledged`)
  }
  const due = undisturbed.spentMicros + facts.unknownMicros + facts.unreconciledMicros
  expect(facts.spentMicros === due, `${facts.spentMicros} micro-dollars are spent, ${due} are accounted for`)
  const tokens = JSON.stringify(facts.tokens)
  expect(tokens === JSON.stringify(undisturbed.tokens), `the bill has other tokens: ${tokens}`)
  expect(facts.reservedMicros === 0, `${facts.reservedMicros} micro-dollars are still reserved`)
  expect(
    facts.budgetMicros === null || facts.spentMicros <= facts.budgetMicros,
    `${facts.spentMicros} micro-dollars are spent of ${facts.budgetMicros}`,
  )
  if (story.provider !== null) faults.push(...moneyFaults(facts, story.provider))
  return faults
}

/** The provider's books and the session's must tell one story. */
function moneyFaults(facts: Facts, provider: Provider): string[] {
  const faults: string[] = []
  const billed = provider.billedMicros()
  if (facts.spentMicros < billed)
    faults.push(`the provider bills ${billed}, the session has spent ${facts.spentMicros}`)
  const answered = provider.answered()
  const again = answered.length - new Set(answered).size
  if (again > facts.callsUnknown)
    faults.push(`${again} calls were paid twice, ${facts.callsUnknown} were unknown`)
  return faults
}

function firstDifference(one: string, other: string): string {
  const [a, b] = [one.split('\n'), other.split('\n')]
  const at = a.findIndex((line, i) => line !== b[i])
  return `${JSON.stringify(a[at])} instead of ${JSON.stringify(b[at])}`
}
