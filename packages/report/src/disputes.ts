import type { Report, ReportClaim, ReportQuote } from './report.ts'

/** Claims that dispute the same quotes, each the other's other side, are one dispute. */
export interface Dispute {
  claim: ReportClaim
  /** Ids of the claims that are its other sides. */
  same: string[]
  /** Numbers of the questions whose answers state any of them. */
  questions: number[]
}

export function disputesOf({ claims, questions }: Report): Dispute[] {
  const numbers = new Map(questions.map((question) => [question.task, question.number]))
  const disputes = new Map<string, Dispute>()
  for (const claim of claims) {
    if (claim.status !== 'disputed') continue
    const key = [...claim.supports, ...claim.contradicts].map(nameOf).sort().join('\n')
    let dispute = disputes.get(key)
    if (dispute === undefined) {
      dispute = { claim, same: [], questions: [] }
      disputes.set(key, dispute)
    } else dispute.same.push(claim.id)
    for (const task of claim.tasks) {
      const number = numbers.get(task)
      if (number !== undefined && !dispute.questions.includes(number)) dispute.questions.push(number)
    }
  }
  return [...disputes.values()]
}

/** `question 2`, `questions 2, 4 and 10`. */
export function questionList(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b).map(String)
  const last = sorted.pop() ?? ''
  return sorted.length === 0 ? `question ${last}` : `questions ${sorted.join(', ')} and ${last}`
}

function nameOf(quote: ReportQuote): string {
  return `${quote.source} ${quote.passage} ${quote.text}`
}
