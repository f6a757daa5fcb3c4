import type { LanguageModel } from '@infrafabric/ports'
import { nodePrimitives } from '@infrafabric/runtime'
import type { Usage } from '@infrafabric/session'
import { expect, test } from 'vitest'
import { type Copied, journalOf, objectsOf, PRICE, realSession } from '../testing/real-session.ts'
import type { Audit } from './audit.ts'
import { costOfCharges } from './costs.ts'
import { Findings } from './findings.ts'
import { readEntry } from './read-entry.ts'
import { Replay } from './replay.ts'
import { verifySession } from './verify-session.ts'

function model(usage: Partial<Usage>): LanguageModel {
  return {
    provider: 'loopback',
    model: 'small',
    free: false,
    check: async () => {},
    complete: async () => ({
      text: 'an answer',
      usage: {
        inputTokens: 0,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        outputTokens: 0,
        reasoningTokens: 0,
        ...usage,
      },
      finish: 'stop',
      model: 'small',
    }),
  }
}

const tasks = ['one', 'two', 'three'].map((id) => ({ id, question: 'What?', needs: [] }))

function paidSession(usage: Partial<Usage>, budgetMicros: number, raisedMicros?: number): Promise<Copied> {
  return realSession({
    ...(raisedMicros === undefined ? {} : { raisedMicros }),
    model: model(usage),
    budgetMicros,
    tasks,
    async worker(_, tools) {
      const { text } = await tools.complete({ system: '', prompt: 'What?', outputTokensMax: 200 })
      return text
    },
  })
}

function verify({ session, rows, objects }: Copied): Promise<Audit> {
  return verifySession({
    session,
    journal: journalOf(rows),
    objects: objectsOf(objects),
    primitives: nodePrimitives,
  })
}

test('adds up the same bill as the session', async () => {
  const audit = await verify(
    await paidSession({ inputTokens: 100, cacheReadTokens: 50, outputTokens: 20 }, 20_000),
  )
  expect(audit.faults).toEqual([])
  // 50 plain input tokens, 50 cached, 20 output, at 1, 0.1 and 5 micro-dollars; three times.
  expect(audit.budget).toEqual({ limit: 20_000, spent: 3 * (50 + 5 + 100), reserved: 0 })
})

test('finds nothing wrong with a session that its budget stopped', async () => {
  const audit = await verify(await paidSession({ inputTokens: 2_000, outputTokens: 200 }, 9_000))
  expect(audit.faults).toEqual([])
  expect(audit.phase).toMatchObject({ is: 'stopped', why: { is: 'out-of-budget' } })
})

test('counts a raised budget from the entry that raises it', async () => {
  const copied = await paidSession({ inputTokens: 2_000, outputTokens: 200 }, 9_000, 20_000)
  const audit = await verify(copied)
  expect(audit.faults).toEqual([])
  expect(audit).toMatchObject({
    phase: { is: 'stopped', why: { is: 'completed' } },
    budget: { limit: 20_000, spent: 9_000, reserved: 0 },
  })
  const before = copied.rows.findIndex(({ body }) => body.includes('"limits-raised"'))
  expect(before).toBeGreaterThan(0)
})

test('finds charges beyond what was set aside for them, at the entry that reports them', async () => {
  const copied = await paidSession({ inputTokens: 50_000 }, 20_000)
  const audit = await verify(copied)
  const fault = audit.faults.find(({ code }) => code === 'budget')
  expect(fault?.detail).toContain('reports charges of 50000 micro-dollars, more than its slice of')
  expect(audit.budget.spent).toBeLessThanOrEqual(20_000)
  const at = copied.rows.findIndex(({ body }) => body.includes('"kind":"received"'))
  expect(fault?.where).toBe(`entry ${at}`)
})

test('finds a budget that is passed, should the session itself ever let it', async () => {
  const { rows } = await paidSession({ inputTokens: 100 }, 20_000)
  const read = readEntry(rows[0]?.body ?? '')
  if (!read.ok || read.entry.kind !== 'opened') throw new Error('not opened')
  const findings = new Findings()
  const replay = new Replay(read.entry, findings, nodePrimitives)
  replay.session.budget.spent = 20_001
  replay.event({ kind: 'time-passed', at: read.entry.at }, 'entry 1')
  replay.finish('entry 1')
  expect(findings.faults).toMatchObject([
    { code: 'budget', where: 'entry 1', detail: /^the budget was passed: 20001/ },
    { code: 'budget', where: 'entry 1', detail: /^attempts add up to 0 spent/ },
  ])
})

test('charges each call once, and one of unknown fate or another model at its ceiling', () => {
  const terms = { model: PRICE.model, price: PRICE, callsMax: 2, inputTokensMax: 2_000, outputTokensMax: 200 }
  const usage = {
    inputTokens: 10,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 1,
    reasoningTokens: 1,
  }
  const known = { call: 1, model: PRICE.model, usage }
  expect(costOfCharges([known, known], terms)).toBe(15)
  expect(costOfCharges([known, { call: 2, model: PRICE.model, usage: null }], terms)).toBe(15 + 3_500)
  expect(costOfCharges([{ ...known, model: 'loopback/large' }], terms)).toBe(3_500)
  expect(costOfCharges([known], { ...terms, price: null })).toBe(0)
})
