import { formatUsd, type Usage } from '@infrafabric/session'
import type { Bill, BillModel } from './bill.ts'
import { count } from './ending.ts'
import { stableJson } from './stable-json.ts'
import { table } from './table.ts'
import { visibleLine } from './visible.ts'

/** The bill for a terminal, or as JSON with all amounts in micro-dollars. */
export function renderBill(bill: Bill, { format }: { format: 'text' | 'json' }): string {
  if (format === 'json') return stableJson(bill)
  const parts = [...billSentences(bill), '', modelTable(bill), '', agentTable(bill)]
  if (bill.tasks.length > 0) {
    parts.push(
      '',
      table(
        ['task', 'attempts', 'cost'],
        bill.tasks.map((task) => [task.task, String(task.attempts), formatUsd(task.micros)]),
      ),
    )
  }
  return `${parts.join('\n')}\n`
}

/** What was spent, in sentences. One is enough when nothing costs anything. */
export function billSentences(bill: Bill): string[] {
  if (bill.free && bill.spentMicros === 0) {
    const names = bill.models.map((line) => visibleLine(line.model)).join(', ')
    return [`This session cost nothing: ${names} ${bill.models.length === 1 ? 'is' : 'are'} free of charge.`]
  }
  const limit = bill.limitMicros === null ? '' : ` of ${formatUsd(bill.limitMicros)}`
  const sentences = [`Spent: ${formatUsd(bill.spentMicros)}${limit}.`]
  if (bill.reservedMicros > 0)
    sentences.push(`Held for attempts under way: ${formatUsd(bill.reservedMicros)}.`)
  if (bill.unreconciledMicros > 0)
    sentences.push(
      `Of what is spent, ${formatUsd(bill.unreconciledMicros)} is for attempts that were never heard of again; they are charged in full.`,
    )
  const unknown = bill.models.reduce((sum, line) => sum + line.callsUnknown, 0)
  if (unknown > 0)
    sentences.push(
      `${count(unknown, 'call')} of unknown fate ${unknown === 1 ? 'is' : 'are'} charged at the most ${unknown === 1 ? 'it' : 'they'} can have cost.`,
    )
  for (const line of bill.models) if (line.price !== null) sentences.push(priceSentence(line))
  return sentences
}

function priceSentence({ model, price }: BillModel): string {
  if (price === null) return ''
  const cache = `${formatUsd(price.cacheRead)} read from cache, ${formatUsd(price.cacheWrite)} written to it`
  return `Price of ${visibleLine(model)} per million tokens: ${formatUsd(price.input)} in (${cache}), ${formatUsd(price.output)} out; source: ${visibleLine(price.source)}.`
}

export const USAGE_HEADERS = [
  'calls',
  'tokens in',
  'of them cached',
  'tokens out',
  'of them reasoning',
  'cost',
]

export function usageCells(line: { calls: number; usage: Usage; micros: number }): string[] {
  const { usage } = line
  return [
    String(line.calls),
    String(usage.inputTokens),
    String(usage.cacheReadTokens),
    String(usage.outputTokens),
    String(usage.reasoningTokens),
    formatUsd(line.micros),
  ]
}

function modelTable(bill: Bill): string {
  return table(
    ['model', ...USAGE_HEADERS],
    bill.models.map((line) => [line.model, ...usageCells(line)]),
  )
}

function agentTable(bill: Bill): string {
  return table(
    ['agent', 'model', 'attempts', ...USAGE_HEADERS],
    bill.agents.map((line) => [line.agent, line.model, String(line.attempts), ...usageCells(line)]),
  )
}
