import { createHash } from 'node:crypto'
import type { Sha256 } from '@infrafabric/protocol'
import { expect, test } from 'vitest'
import { buildReport } from './build-report.ts'
import { renderHtml } from './render-html.ts'
import { renderJson } from './render-json.ts'
import { renderMarkdown } from './render-markdown.ts'
import { claimOf, documentOf, driveSession, PAID } from './testing/drive-session.ts'
import { inputOf, yachtSession } from './testing/yacht-session.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex') as Sha256
const report = () => buildReport(inputOf(yachtSession(sha256)))
const beforeRecord = (text: string) =>
  text.slice(0, text.search(/## Session record|<section id="session-record"/))

test('computes statuses from the evidence', () => {
  expect(report().claims.map(({ id, status }) => [id, status])).toEqual([
    ['1.1', 'verified'],
    ['1.2', 'provisional'],
    ['2.1', 'disputed'],
    ['2.2', 'unverified'],
  ])
})

test('tells a claim of several tasks once, and refers to it from the others', () => {
  const { claims, questions, synthesis } = report()
  expect(claims.filter((claim) => claim.text.includes('life raft'))).toHaveLength(1)
  expect(questions[1]?.alsoStates).toEqual(['1.2'])
  expect(synthesis?.claims).toEqual(['1.2'])
})

test('joins the quotes of tasks that state the same, so that two sources found apart confirm each other', () => {
  const documents = ['a.md', 'b.md'].map((name) =>
    documentOf(name, `# ${name}\n\nIn ${name} we read that the mast of Petrel is 14.5 m high.\n`, sha256),
  )
  const text = 'The mast of Petrel is 14.5 m high.'
  const driver = driveSession({
    documents,
    tasks: ['one', 'two'].map((id) => ({ id, question: `${id}?`, needs: [] })),
  })
  driver.answer('one', {
    claims: [claimOf(text, documents, ['In a.md we read that the mast of Petrel is 14.5 m high.'])],
  })
  expect(buildReport(inputOf(driver)).claims[0]?.status).toBe('provisional')
  driver.answer('two', {
    claims: [claimOf(text, documents, ['In b.md we read that the mast of Petrel is 14.5 m high.'])],
  })
  const { claims } = buildReport(inputOf(driver))
  expect(claims.map(({ status, tasks }) => [status, tasks])).toEqual([['verified', ['one', 'two']]])
})

test('says of each question what became of it', () => {
  expect(report().questions.map(({ task, state }) => [task, state])).toEqual([
    ['engines', 'answered'],
    ['mooring', 'answered'],
    ['crew', 'without-evidence'],
    ['radio', 'failed'],
    ['costs', 'skipped'],
  ])
})

test('calls an answer without a quote that counts one without evidence, and keeps it', () => {
  const driver = yachtSession(sha256)
  const documents = [documentOf('a.md', 'Nothing of it.\n', sha256)]
  const bluff = driveSession({ documents, tasks: [{ id: 'a', question: 'A?', needs: [] }] }).answer('a', {
    answer: 'Trust me: it is 42.',
    claims: [
      { text: 'It is 42.', supports: [{ source: sha256('gone'), passage: 0, text: '42' }], contradicts: [] },
    ],
  })
  const told = buildReport(inputOf(bluff))
  expect(told.questions[0]?.state).toBe('without-evidence')
  expect(told.claims[0]?.status).toBe('missing')
  expect(renderMarkdown(told)).toContain('Trust me: it is 42.')
  expect(renderHtml(told)).toContain('Trust me: it is 42.')
  expect(driver.session.phase.is).toBe('stopped')
})

test('shows where a quote stands, and the words around it', () => {
  const [first] = report().claims
  expect(first?.supports[0]).toMatchObject({
    name: 'survey.md',
    place: 'line 5',
    headings: ['Survey of M/Y Meridian', 'Engines'],
    match: 'exact',
    before: '',
    after: ' Its mounts are sound.',
  })
})

test('is the same but for the record when the session was killed, resumed, and worked on by others', () => {
  const disturbed = yachtSession(sha256, (driver) => {
    driver.pass(60_000).epoch().fail('engines', 'crashed', 'agent h01 fell over').pass(40_000)
    driver.fail('mooring', 'unavailable').pass(40_000).interrupt().epoch().pass(5_000)
  })
  const [calm, rough] = [report(), buildReport(inputOf(disturbed))]
  expect(rough.record.tasks[0]?.attempts).toBe(2)
  for (const render of [renderMarkdown, renderHtml]) {
    expect(beforeRecord(render(rough)).length).toBeGreaterThan(1_000)
    expect(beforeRecord(render(rough))).toBe(beforeRecord(render(calm)))
    expect(render(rough)).not.toBe(render(calm))
  }
})

test('does not name the agent of a lost attempt outside of the record', () => {
  const driver = driveSession({
    tasks: [{ id: 'a', question: 'A?', needs: [] }],
    mission: { attemptsMax: 1 },
  })
  driver.pass(400_000)
  const told = buildReport(inputOf(driver))
  expect(told.questions[0]?.reason).toBe('the agent did not answer in time')
  expect(beforeRecord(renderMarkdown(told))).not.toMatch(/h0\d/)
  expect(renderMarkdown(told)).toContain('1: lost (h01)')
})

const twoTasks = ['a', 'b'].map((id) => ({ id, question: `${id}?`, needs: [] }))
const paid = (budgetMicros: number, workers = 1) =>
  driveSession({ tasks: twoTasks, terms: PAID, workers, mission: { budgetMicros, deadlineMs: 60_000 } })
const usage = {
  inputTokens: 1_000,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 1_000,
  reasoningTokens: 100,
}
const charge = { call: 1, model: PAID.model, usage }

test('says what the rest would need when the budget is spent', () => {
  const driver = paid(15_000).answer('a', { answer: 'Yes.' }, [charge])
  const { ending, bill } = buildReport(inputOf(driver))
  expect(ending.is).toBe('out-of-budget')
  expect(ending.headline).toBe(
    'The budget of $0.015 would not cover the next attempt: 1 of 2 questions is done.',
  )
  expect(ending.details).toContain('1 task is left: $0.0125 at the most ($0.0125 each).')
  expect(ending.details.join()).toContain('about $0.006.')
  expect(ending.details.join()).toContain('infrafabric resume handover-7f3k --budget 0.0185')
  expect(bill).toMatchObject({ free: false, spentMicros: 6_000, reservedMicros: 0, limitMicros: 15_000 })
  driver.raise(18_500).epoch().answer('b', {}, [charge])
  expect(buildReport(inputOf(driver)).ending.is).toBe('completed')
})

test('models and what is unreconciled add up to what is spent', () => {
  const driver = paid(100_000, 2).answer('a', {}, [charge]).pass(400_000)
  const { bill, ending } = buildReport(inputOf(driver))
  expect(bill.unreconciledMicros).toBeGreaterThan(0)
  expect(bill.models.reduce((sum, line) => sum + line.micros, 0) + bill.unreconciledMicros).toBe(
    bill.spentMicros,
  )
  expect(bill.tasks.reduce((sum, task) => sum + task.micros, 0)).toBe(bill.spentMicros)
  expect(ending.details.join()).not.toContain('NaN')
})

test.each([
  ['interrupted', () => paid(100_000, 2).interrupt().answer('a', {}).answer('b', {}), /interrupted: 2 of 2/],
  ['out-of-time', () => paid(100_000).pass(61_000).pass(11_000), /deadline passed: 0 of 2/],
  ['cancelled', () => paid(100_000).cancel().pass(11_000), /was cancelled/],
  ['halted', () => paid(100_000).fail('a', 'unauthorized', 'invalid x-api-key'), /was halted/],
  ['running', () => paid(100_000), /still running: 0 of 2/],
] as const)('tells a session that is %s', (is, drive, headline) => {
  const { ending } = buildReport(inputOf(drive()))
  expect(ending.is).toBe(is)
  expect(ending.headline).toMatch(headline)
  expect(ending.details.length).toBeGreaterThan(0)
})

test('names the remedy of a halted session', () => {
  const driver = paid(100_000).fail('a', 'unauthorized', 'invalid x-api-key')
  expect(buildReport(inputOf(driver)).ending.details.slice(0, 2)).toEqual([
    'The cause: invalid x-api-key.',
    'Set a valid key for the provider (infrafabric doctor says what is missing), then: infrafabric resume handover-7f3k',
  ])
})

test('JSON holds the whole report and is the same each time', () => {
  expect(JSON.parse(renderJson(report()))).toEqual(JSON.parse(JSON.stringify(report())))
  expect(renderJson(report())).toBe(renderJson(report()))
  expect(Object.keys(report())).toEqual([
    'v',
    'title',
    'mission',
    'ending',
    'counts',
    'synthesis',
    'questions',
    'claims',
    'evidence',
    'unusable',
    'bill',
    'record',
  ])
})

test('a thousand tasks take about ten times as long as a hundred, not a hundred times', () => {
  const sized = (size: number) => {
    const documents = [
      documentOf(
        'log.md',
        Array.from({ length: size }, (_, i) => `Pump ${i} ran ${i + 7} hours on deck ${i}.\n`).join('\n'),
        sha256,
      ),
    ]
    const tasks = Array.from({ length: size }, (_, i) => ({
      id: `t${i}`,
      question: `How long did pump ${i} run?`,
      needs: [],
    }))
    const driver = driveSession({ documents, tasks, workers: 1_000 })
    let looked = 0
    const passage = driver.lookup(documents[0]?.source as Sha256, 0)
    for (const task of tasks) {
      const words = passage?.text.split('\n')[0] ?? ''
      driver.answer(task.id, {
        claims: [
          {
            text: `Claim of ${task.id}`,
            supports: [{ source: documents[0]?.source as Sha256, passage: 0, text: words }],
            contradicts: [],
          },
        ],
      })
    }
    const told = buildReport({
      ...inputOf(driver),
      lookup: (source, number) => {
        looked++
        return driver.lookup(source, number)
      },
    })
    return { looked, length: renderMarkdown(told).length + renderHtml(told).length }
  }
  const [small, large] = [sized(100), sized(1_000)]
  expect(large.looked).toBe(small.looked * 10)
  expect(large.length).toBeLessThan(small.length * 12)
})
