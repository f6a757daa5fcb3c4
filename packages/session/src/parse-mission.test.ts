import { expect, test } from 'vitest'
import { formatFault } from './fault.ts'
import { defaultMission } from './mission-defaults.ts'
import { type ParseMissionOptions, parseMission } from './parse-mission.ts'

const HEAD = 'mission: m\nobjective: o\nevidence: e\n'

function faultsOf(text: string, options?: ParseMissionOptions): string[] {
  const parsed = parseMission(text, 'f', options)
  return parsed.ok ? [] : parsed.faults.map(formatFault)
}

function missionOf(text: string) {
  const parsed = parseMission(text, 'f')
  return parsed.ok ? parsed.mission : parsed.faults.map(formatFault)
}

test('fills in the defaults', () => {
  const said = { name: 'm', objective: 'o', evidence: ['e'] }
  expect(missionOf(HEAD)).toEqual({ ...defaultMission(), ...said })
})

test('two missions share nothing that could be changed', () => {
  const parsed = [parseMission(HEAD, 'f'), parseMission(HEAD, 'f')]
  const [one, two] = parsed.map((each) => (each.ok ? each.mission : null))
  expect(one?.tasks).not.toBe(two?.tasks)
  expect(one?.prices).not.toBe(two?.prices)
  expect(one?.agents.worker).not.toBe(two?.agents.worker)
})

test.each([
  ['agents: 4', { count: 4, concurrency: 1, model: 'auto' }],
  ['agents: { worker: 4 }', { count: 4, concurrency: 1, model: 'auto' }],
  ['agents: { worker: { count: 4 } }', { count: 4, concurrency: 1, model: 'auto' }],
  ['agents: { worker: { model: a/b, concurrency: 9 } }', { count: 10, concurrency: 9, model: 'a/b' }],
  ['agents: {}', { count: 10, concurrency: 1, model: 'auto' }],
])('takes %j', (line, worker) => {
  expect(missionOf(HEAD + line)).toMatchObject({
    agents: { worker, planner: { count: 1 }, synthesizer: { count: 1 } },
  })
})

test.each([
  ['1.00', 1_000_000],
  ['$0.05', 50_000],
  ['"0.000001"', 1],
  ['0.000001', 1],
  ['1e-6', 1],
  ['1000000', 1_000_000_000_000],
  ['null', null],
  ['', null],
])('takes a budget of %j as %j micro-dollars', (written, budgetMicros) => {
  expect(missionOf(`${HEAD}budget: ${written}`)).toMatchObject({ budgetMicros })
})

test('shortens the standard timeout to the deadline', () => {
  expect(missionOf(`${HEAD}deadline: 90s`)).toMatchObject({ deadlineMs: 90_000, attemptTimeoutMs: 90_000 })
  expect(missionOf(`${HEAD}deadline: 1h\ntimeout: 10m`)).toMatchObject({ attemptTimeoutMs: 600_000 })
})

test('turns prices into micro-dollars per million tokens; a cache price that is left out is that of input', () => {
  const prices =
    'prices: { a/b: { input: 0.10, output: "$0.4" }, c/d/e:f: { input: 1, output: 0, cache_read: 0.01, cache_write: 2 } }'
  expect(missionOf(HEAD + prices)).toMatchObject({
    prices: {
      'a/b': {
        model: 'a/b',
        input: 100_000,
        output: 400_000,
        cacheRead: 100_000,
        cacheWrite: 100_000,
        source: 'mission file',
      },
      'c/d/e:f': { model: 'c/d/e:f', input: 1_000_000, output: 0, cacheRead: 10_000, cacheWrite: 2_000_000 },
    },
  })
})

test('keeps texts as they are written: line breaks, accents, composed or not', () => {
  expect(
    missionOf('mission: m\nobjective: |\n  Cafe\u0301\n  café\tnow\nevidence: "./Café 1"'),
  ).toMatchObject({
    objective: 'Cafe\u0301\ncafé\tnow\n',
    evidence: ['./Café 1'],
  })
})

test('passes over a byte order mark, Windows line ends and a document start', () => {
  expect(missionOf(`\uFEFF---\r\n${HEAD.replaceAll('\n', '\r\n')}`)).toMatchObject({
    name: 'm',
    objective: 'o',
  })
  expect(faultsOf('\uFEFFmission: M\nobjective: o\nevidence: e')[0]).toMatch(/^f:1:10 mission: /)
})

test('follows anchors and aliases, and names faults where the alias stands', () => {
  const agents = 'agents:\n  planner: { model: &m a/b }\n  worker: { model: *m }\n'
  expect(missionOf(HEAD + agents)).toMatchObject({ agents: { worker: { model: 'a/b' } } })
  expect(faultsOf(`${HEAD}attempts: &n 5m\ntimeout: *n\nbudget: *n\n`)).toEqual([
    'f:4:14 attempts: must be a whole number from 1 to 10, is the text "5m"',
    'f:6:9 budget: "5m" is not an amount in US dollars; write it as in 1.50',
  ])
})

test('needs no evidence when the agents are functions', () => {
  const text = 'mission: m\nobjective: o'
  expect(faultsOf(text, { evidenceRequired: false })).toEqual([])
  expect(faultsOf(text)).toEqual([
    'f:1:1 evidence: is missing; name the files, folders, globs or https URLs to answer from',
  ])
})

test.each([
  ['mission: M', 'mission: must be lower-case letters, digits and single hyphens, is "M"; write m'],
  ['mission: -a', 'mission: must be lower-case letters, digits and single hyphens, is "-a"; write a'],
  [
    'mission: 7',
    'mission: must be a name of 1 to 40 characters, such as navidocs-handover, is 7; put it in quotes',
  ],
  ['mission:', 'mission: is empty; it must be a name of 1 to 40 characters, such as navidocs-handover'],
  [`mission: ${'a'.repeat(41)}`, 'mission: must be at most 40 characters, is 41; shorten it'],
  [
    'objective: ""',
    'objective: is empty; it must be a text of 1 to 4,000 characters that says what you want to know',
  ],
  [
    'objective: "  "',
    'objective: is blank; it must be a text of 1 to 4,000 characters that says what you want to know',
  ],
  [`objective: ${'a'.repeat(4001)}`, 'objective: must be at most 4,000 characters, is 4,001; shorten it'],
  ['objective: "a\\u0007"', 'objective: has the control character "\\u{7}"; remove it'],
  ['objective: "a\\uD800"', 'objective: has half of a surrogate pair, which is not Unicode text; remove it'],
  ['objective: "a\\uFFFE"', 'objective: has the control character "\\u{fffe}"; remove it'],
  ['objective: a\uFFFD', 'objective: has a character that was not UTF-8 (U+FFFD); save the file as UTF-8'],
  [
    'objective: [a]',
    'objective: must be a text of 1 to 4,000 characters that says what you want to know, is a list',
  ],
  ['objective: yes\nobjective: no', 'objective: is already given in line 1; keep one of them'],
  ['evidence: []', 'evidence: is empty; name the files, folders, globs or https URLs to answer from'],
  ['evidence:', 'evidence: is empty; it must be a file, folder, glob or https URL, or a list of them'],
  ['evidence: ""', 'evidence: is empty; it must be a file, folder, glob or https URL'],
  [
    'evidence: {a: b}',
    'evidence: must be a file, folder, glob or https URL, or a list of them, is a mapping',
  ],
  ['evidence: [a, 5]', 'evidence[1]: must be a file, folder, glob or https URL, is 5; put it in quotes'],
  ['evidence: ["a\\nb"]', 'evidence[0]: has the control character "\\n"; remove it'],
  [
    'evidence: [*.md]',
    'evidence[0]: is an alias of nothing above it; write the value out, or put the text in quotes',
  ],
  ['agents: 0', 'agents: must be from 1 to 1,000, is 0'],
  [
    'agents: ten',
    'agents: must be a number of workers, or a mapping of planner, worker and synthesizer, is the text "ten"',
  ],
  ['agents: { worker: { count: 1001 } }', 'agents.worker.count: must be from 1 to 1,000, is 1001'],
  [
    'agents: { worker: { count: ten } }',
    'agents.worker.count: must be a whole number from 1 to 1,000, is the text "ten"',
  ],
  [
    'agents: { worker: { count: 1.5 } }',
    'agents.worker.count: must be a whole number from 1 to 1,000, is 1.5',
  ],
  [
    'agents: { worker: { count: .inf } }',
    'agents.worker.count: must be a whole number from 1 to 1,000, is Infinity',
  ],
  ['agents: { worker: { concurrency: 101 } }', 'agents.worker.concurrency: must be from 1 to 100, is 101'],
  [
    'agents: { worker: { model: haiku } }',
    'agents.worker.model: must be auto, extractive or provider/model, as in anthropic/claude-haiku-4-5, is the text "haiku"',
  ],
  ['agents: { planner: 2 }', 'agents.planner: must be 1, is 2; a session has one planner'],
  [
    'agents: { synthesizer: { count: 0 } }',
    'agents.synthesizer.count: must be 1, is 0; a session has one synthesizer',
  ],
  [
    'agents: { worker: }',
    'agents.worker: is empty; it must be a mapping of count, model and concurrency, or just the count',
  ],
  ['agents: { workers: 5 }', 'agents.workers: is not a key of a mission; did you mean "worker"?'],
  [
    'agents: { worker: { modle: a/b } }',
    'agents.worker.modle: is not a key of a mission; did you mean "model"?',
  ],
  ['budget: 0', 'budget: must be more than 0, is 0'],
  ['budget: -1', 'budget: must not be negative, is -1'],
  ['budget: $-1', 'budget: must not be negative, is the text "$-1"'],
  ['budget: 0.0000001', 'budget: "1e-7" has a fraction of a micro-dollar; six decimals are the most'],
  ['budget: "1.2345678"', 'budget: "1.2345678" has a fraction of a micro-dollar; six decimals are the most'],
  ['budget: 1000001', 'budget: must be at most 1,000,000, is 1000001'],
  ['budget: .nan', 'budget: must be an amount in US dollars, such as 1.00, is NaN'],
  ['budget: 1 EUR', 'budget: "1 EUR" is not an amount in US dollars; write it as in 1.50'],
  ['budget: true', 'budget: must be an amount in US dollars, such as 1.00, is true'],
  [
    `budget: "${'1'.repeat(99)}"`,
    `budget: must be an amount in US dollars, such as 1.00, is the text "${'1'.repeat(40)}…"`,
  ],
  [
    'deadline: 10',
    'deadline: must be a duration with its units (d, h, m, s, ms), such as 10m or 1h30m, is 10; write 10s for seconds or 10m for minutes',
  ],
  [
    'deadline: "10"',
    'deadline: must be a duration with its units (d, h, m, s, ms), such as 10m or 1h30m, is 10; write 10s for seconds or 10m for minutes',
  ],
  [
    'deadline: soon',
    'deadline: must be a duration with its units (d, h, m, s, ms), such as 10m or 1h30m, is the text "soon"',
  ],
  ['deadline: 0s', 'deadline: must be from 1ms to 30d, is 0s'],
  ['deadline: 31d', 'deadline: must be from 1ms to 30d, is 31d'],
  ['attempts: 0', 'attempts: must be from 1 to 10, is 0'],
  ['attempts: 11', 'attempts: must be from 1 to 10, is 11'],
  ['attempts:', 'attempts: is empty; it must be a whole number from 1 to 10'],
  ['timeout: 999ms', 'timeout: must be from 1s to 1h, is 999ms'],
  ['timeout: 61m', 'timeout: must be from 1s to 1h, is 61m'],
  [
    'deadline: 1m\ntimeout: 90s',
    'timeout: must not exceed the deadline of 1m, is 1m30s; shorten it, or leave it out',
  ],
  ['tasks: {}', 'tasks: must be a list of tasks, each with id and question, is a mapping'],
  ['tasks: [a]', 'tasks[0]: must be a mapping of id, question and needs, is the text "a"'],
  ['tasks: [{ id: a }]', 'tasks[0].question: is missing; it must be a question of 1 to 4,000 characters'],
  [
    'tasks: [{ question: q }]',
    'tasks[0].id: is missing; it must be the short name of a task, such as first-month-costs',
  ],
  [
    'tasks: [{ id: _plan, question: q }]',
    'tasks[0].id: must be lower-case letters, digits and single hyphens, is "_plan"; write plan',
  ],
  [
    `tasks: [{ id: ${'a'.repeat(65)}, question: q }]`,
    'tasks[0].id: must be at most 64 characters, is 65; shorten it',
  ],
  [
    'tasks: [{ id: a, question: q, needs: a1 }]',
    'tasks[0].needs: must be a list of task ids, is the text "a1"; write [a1]',
  ],
  ['tasks: [{ id: a, question: q, needs: [a] }]', 'tasks[0].needs[0]: task "a" needs itself; remove it'],
  [
    'tasks: [{ id: a, question: q, need: [] }]',
    'tasks[0].need: is not a key of a mission; did you mean "needs"?',
  ],
  [
    'tasks: [{ id: engines, question: q }, { id: b, question: q, needs: [engins] }]',
    'tasks[1].needs[0]: task "b" needs "engins", which is not defined; did you mean "engines"?',
  ],
  [
    'tasks: [{ id: a, question: q }, { id: b, question: q, needs: [nothing] }]',
    'tasks[1].needs[0]: task "b" needs "nothing", which is not defined; define it, or remove it',
  ],
  [
    'tasks: [{ id: a, question: q }, { id: b, question: q, needs: [a, a] }]',
    'tasks[1].needs[1]: "a" is already named in line 1; remove one of them',
  ],
  [
    'tasks:\n- { id: a, question: q }\n- { id: a, question: q }',
    'tasks[1].id: "a" is already used in line 2; rename one of them',
  ],
  [
    'tasks: [{ id: a, question: q, needs: [b] }, { id: b, question: q, needs: [c] }, { id: c, question: q, needs: [a] }]',
    'tasks[2].needs[0]: tasks need each other in a circle: a → b → c → a; remove one of these needs',
  ],
  [
    'prices: { haiku: { input: 1, output: 1 } }',
    'prices.haiku: must be provider/model, as in anthropic/claude-haiku-4-5',
  ],
  ['prices: { a/b: 3 }', 'prices.a/b: must be a mapping of input, output, cache_read and cache_write, is 3'],
  [
    'prices: { a/b: { input: 1 } }',
    'prices.a/b.output: is missing; it must be US dollars per million tokens, such as 1.00',
  ],
  ['prices: { a/b: { input: -1, output: 1 } }', 'prices.a/b.input: must not be negative, is -1'],
  [
    'prices: { a/b: { input: 1, output: 1, cache_raed: 1 } }',
    'prices.a/b.cache_raed: is not a key of a mission; did you mean "cache_read"?',
  ],
  ['__proto__: { a: 1 }', '__proto__: is not a key of a mission; remove it'],
  [
    'prices: { __proto__: { input: 1, output: 1 } }',
    'prices.__proto__: is not a key of a mission; remove it',
  ],
  [
    'constructor: 1',
    'constructor: is not a key of a mission here; remove it, or use one of mission, objective, evidence, agents, budget, deadline, attempts, timeout, tasks, prices',
  ],
  [
    '"\\u202Ex": 1',
    '["\\u{202e}x"]: is not a key of a mission here; remove it, or use one of mission, objective, evidence, agents, budget, deadline, attempts, timeout, tasks, prices',
  ],
])('refuses %.60j', (lines, fault) => {
  const keys = new Set(lines.split('\n').map((line) => line.split(':', 1)[0]))
  const rest = HEAD.split('\n').filter((line) => !keys.has(line.split(':', 1)[0]))
  expect(faultsOf([lines, ...rest].join('\n')).map((each) => each.replace(/^f:\d+:\d+ /, ''))).toEqual([
    fault,
  ])
})

test('never changes the prototype of anything', () => {
  parseMission(`${HEAD}__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\n`, 'f')
  expect('polluted' in {}).toBe(false)
})
