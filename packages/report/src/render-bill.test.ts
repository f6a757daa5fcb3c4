import { expect, test } from 'vitest'
import { buildBill } from './bill.ts'
import { renderBill } from './render-bill.ts'
import { renderStatus } from './render-status.ts'
import { driveSession, FREE, OPENED_AT, PAID } from './testing/drive-session.ts'

const tasks = ['a', 'b'].map((id) => ({ id, question: `${id}?`, needs: [] }))
const usage = {
  inputTokens: 1_000,
  cacheReadTokens: 400,
  cacheWriteTokens: 0,
  outputTokens: 200,
  reasoningTokens: 50,
}

function paidDriver() {
  return driveSession({
    tasks,
    terms: PAID,
    workers: 2,
    mission: { budgetMicros: 50_000, deadlineMs: 600_000 },
  }).answer('a', {}, [
    { call: 1, model: PAID.model, usage },
    { call: 2, model: PAID.model, usage: null },
  ])
}

test('the bill names every agent, model and task, what is held and what is unknown', () => {
  expect(renderBill(buildBill(paidDriver().session), { format: 'text' })).toBe(`Spent: $0.00789 of $0.05.
Held for attempts under way: $0.0125.
1 call of unknown fate is charged at the most it can have cost.
Price of anthropic/claude-haiku-4-5 per million tokens: $1.00 in ($0.10 read from cache, $1.25 written to it), $5.00 out; source: price list of 2026-10-30.

model                       calls  tokens in  of them cached  tokens out  of them reasoning      cost
anthropic/claude-haiku-4-5      2       1000             400         200                 50  $0.00789

agent  model                       attempts  calls  tokens in  of them cached  tokens out  of them reasoning      cost
h01    anthropic/claude-haiku-4-5         1      2       1000             400         200                 50  $0.00789

task  attempts      cost
a            1  $0.00789
b            1     $0.00
`)
})

test('the bill as JSON is in micro-dollars', () => {
  const bill = JSON.parse(renderBill(buildBill(paidDriver().session), { format: 'json' }))
  expect(bill).toMatchObject({ spentMicros: 7_890, limitMicros: 50_000, models: [{ callsUnknown: 1 }] })
})

test('a session of free models has a bill of one sentence first', () => {
  const bill = buildBill(driveSession({ tasks, terms: FREE }).session)
  expect(renderBill(bill, { format: 'text' }).split('\n')[0]).toBe(
    'This session cost nothing: extractive is free of charge.',
  )
})

test('the status shows who is at work, the money, and when something happens next', () => {
  expect(renderStatus(paidDriver().session, OPENED_AT + 90_500)).toBe(`handover-7f3k: running
  What must the new owner know?
  opened   2026-11-22 18:37 UTC, last event 1m30s ago
  tasks    2: 1 finished, 1 under way
  money    $0.00789 spent of $0.05, $0.0125 held
  deadline in 8m29s
  wakes    in 3m59s
  at work  1 attempt
    h02  b  for 1m30s: b?
`)
})

test('the status of a stopped session waits for nothing', () => {
  const { session } = paidDriver().answer('b', {})
  const status = renderStatus(session, OPENED_AT + 5_000)
  expect(status).toContain('handover-7f3k: completed')
  expect(status).not.toContain('wakes')
})

test('a thousand agents fit on a screen', () => {
  const many = Array.from({ length: 1_000 }, (_, i) => ({ id: `t${i}`, question: 'Q?', needs: [] }))
  const status = renderStatus(driveSession({ tasks: many, workers: 1_000 }).session, OPENED_AT)
  expect(status.split('\n').length).toBeLessThan(24)
  expect(status).toContain('and 988 more')
})
