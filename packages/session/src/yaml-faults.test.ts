import { expect, test } from 'vitest'
import { formatFault } from './fault.ts'
import { FAULTS_MAX, MISSION_CHARACTERS_MAX, parseMission } from './parse-mission.ts'

function faultsOf(text: string): string[] {
  const parsed = parseMission(text, 'f')
  return parsed.ok ? [] : parsed.faults.map(formatFault)
}

test.each([
  ['', 'f:1:1: is empty; a mission needs at least mission, objective and evidence'],
  ['# only\n---\n# comments\n', 'f:1:1: is empty; a mission needs at least mission, objective and evidence'],
  ['- a', 'f:1:1: must be a mapping of keys such as mission, objective and evidence, is a list'],
  ['hello', 'f:1:1: must be a mapping of keys such as mission, objective and evidence, is the text "hello"'],
  ['m\0i\0', 'f:1:1: is not UTF-8 text; save it as UTF-8'],
  ['mission:\n\tname: x', 'f:2:1: is indented with a tab; use spaces (Tabs are not allowed as indentation)'],
  [
    'objective: a: b',
    'f:1:12: has a second ": " on one line; put the text in quotes, or the mapping on its own lines (Nested mappings are not allowed in compact mappings)',
  ],
  [
    'evidence: [a',
    'f:1:13: has a bracket that is not closed; add the ] or } (Flow sequence in block collection must be sufficiently indented and end with a ])',
  ],
  [
    'objective: "a',
    'f:1:14: lacks a character that YAML needs here (a colon, comma, quote or closing bracket); add it (Missing closing "quote)',
  ],
  [
    'a: 1\n---\nb: 2',
    'f:2:1: starts a second document; a file holds one mission, so remove the "---" (Source contains multiple documents; please use YAML.parseAllDocuments())',
  ],
  ['%YAML 1.1\n---\na: yes', 'f:1:1: missions are YAML 1.2; remove the %YAML line'],
  [
    'mission: !!js/function x',
    'f:1:10: has a tag (!) that missions do not know; remove it, or put the text in quotes (Unresolved tag: tag:yaml.org,2002:js/function)',
  ],
  [
    'objective: @me',
    'f:1:12: starts with a character that is reserved in YAML; put the text in quotes (Plain value cannot start with reserved character @)',
  ],
  [
    '? [a]\n: b',
    'f:1:3: is a key that is not text; a key is a short word followed by a colon (With stringKeys, all keys must be strings)',
  ],
])('says what is wrong with %.30j', (text, fault) => {
  expect(faultsOf(text)[0]).toBe(fault)
})

test.each(['[', '{a: ', '- ', '? '])('refuses 100,000 nested %j', (opening) => {
  const faults = faultsOf(opening.repeat(100_000))
  expect(faults).toHaveLength(1)
  expect(faults[0]).toMatch(/^f:1:\d+: is nested too deeply; a mission needs four levels$/)
})

test('refuses 40 levels that YAML itself has no trouble with', () => {
  expect(faultsOf(`evidence: ${'['.repeat(40)}${']'.repeat(40)}`)).toContainEqual(
    expect.stringContaining('is nested too deeply; a mission needs four levels'),
  )
})

test('names the line of a later syntax fault', () => {
  expect(faultsOf('mission: m\nobjective: o\n  evidence: e\n')[0]).toMatch(/^f:2:12: /)
})

test('refuses a file of 10 MB without reading it', () => {
  expect(faultsOf('x'.repeat(10_000_000))).toEqual([
    'f:1:1: has more than 2 MiB, so it is not read; is it a mission? Evidence belongs in files of its own',
  ])
  expect(MISSION_CHARACTERS_MAX).toBe(2_097_152)
})

test('stops a bomb of aliases', () => {
  const level = (name: string, inner: string) =>
    `${name}: &${name} [${Array.from({ length: 10 }, () => inner).join(',')}]`
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
  const bomb = names
    .map((name, index) => level(name, index === 0 ? 'lol' : `*${names[index - 1]}`))
    .join('\n')
  expect(faultsOf(bomb)).toContainEqual(
    expect.stringContaining('repeats too much by aliases (*); write the values out'),
  )
})

test('refuses an alias of what it is a part of', () => {
  expect(faultsOf('evidence: &x [*x]')).toContainEqual(
    'f:1:15 evidence[0]: is an alias of something it is a part of; write the value out, or put the text in quotes',
  )
})

test('shows the first hundred of very many faults, and says how many there are', () => {
  const faults = faultsOf(Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n'))
  expect(faults).toHaveLength(FAULTS_MAX + 1)
  expect(faults.at(-1)).toMatch(/^f:98:1: and 19903 more faults from here on; correct these first$/)
})

test('names the whole of a circle of 20,000 tasks as far as anyone would read', () => {
  const task = (index: number) => `- { id: t-${index}, question: q, needs: [t-${(index + 1) % 20_000}] }`
  const tasks = Array.from({ length: 20_000 }, (_, index) => task(index)).join('\n')
  const [fault, ...others] = faultsOf(`mission: m\nobjective: o\nevidence: e\ntasks:\n${tasks}`)
  expect(others).toEqual([])
  expect(fault).toMatch(
    /^f:20004:\d+ tasks\[19999\].needs\[0\]: .* t-0 → t-1 → .* → t-49 → … \(19950 more\) → t-0; /,
  )
})

test('refuses more tasks than a session can have', () => {
  const tasks = Array.from({ length: 20_001 }, (_, index) => `- { id: t-${index}, question: q }`).join('\n')
  expect(faultsOf(`mission: m\nobjective: o\nevidence: e\ntasks:\n${tasks}`)).toEqual([
    'f:5:1 tasks: must be at most 20,000 tasks, is 20,001; split the mission',
  ])
})
