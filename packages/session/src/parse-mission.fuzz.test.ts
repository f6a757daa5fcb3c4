import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { formatFault } from './fault.ts'
import { missionFromQuestion } from './mission-from-question.ts'
import { FAULTS_MAX, type ParsedMission, parseMission } from './parse-mission.ts'

const KEYS = [
  'mission',
  'objective',
  'evidence',
  'agents',
  'worker',
  'count',
  'budget',
  'deadline',
  'timeout',
  'tasks',
]
const MORE_KEYS = ['id', 'question', 'needs', 'prices', 'a/b', 'input', '__proto__', 'constructor', '<<', '']

/** Faults that a person can read: bounded, on one line each, in order, at a place that exists. */
function expectBounded(parsed: ParsedMission, text: string): void {
  if (parsed.ok) return
  expect(parsed.faults.length).toBeGreaterThan(0)
  expect(parsed.faults.length).toBeLessThanOrEqual(FAULTS_MAX + 1)
  const lineCount = text.split('\n').length
  let before = { line: 1, column: 1 }
  for (const fault of parsed.faults) {
    const shown = formatFault(fault)
    expect(shown.length).toBeLessThan(10_000)
    expect(shown).not.toMatch(/\p{Cc}|\p{Cs}/u)
    expect(fault.line).toBeLessThanOrEqual(lineCount)
    expect([fault.line, fault.column].every((position) => Number.isInteger(position) && position >= 1)).toBe(
      true,
    )
    expect(fault.line > before.line || (fault.line === before.line && fault.column >= before.column)).toBe(
      true,
    )
    before = fault
  }
}

function parseBounded(text: string): void {
  expectBounded(parseMission(text, 'f'), text)
}

test('never throws on any string', () => {
  const units = ['binary', 'grapheme'] as const
  for (const unit of units)
    fc.assert(fc.property(fc.string({ unit, maxLength: 300 }), parseBounded), { numRuns: 500 })
  const halves = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 50 })
  fc.assert(fc.property(halves, (codes) => parseBounded(`objective: "${String.fromCharCode(...codes)}"`)))
})

test('never throws on pieces of YAML', () => {
  const syntax = [
    '\n',
    '\n  ',
    '\n- ',
    ': ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    ', ',
    '"',
    "'",
    '&a ',
    '*a',
    '|\n ',
    '>-\n ',
    '? ',
    '!',
    '!!map ',
  ]
  const more = [
    '%YAML 1.2\n',
    '---\n',
    '...\n',
    '#',
    '\t',
    '\r',
    '\uFEFF',
    '\0',
    '\\',
    '0',
    '-1',
    '1e999',
    'null',
    '.nan',
    '10m',
    '~',
    '@',
    '`',
  ]
  const piece = fc.constantFrom(...syntax, ...more, ...KEYS, ...MORE_KEYS)
  const pieces = fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(''))
  fc.assert(fc.property(pieces, parseBounded), { numRuns: 2_000 })
})

test('never throws on any values under the right keys', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e300, Number.NaN, '10m', '$1', 'a', 'a/b', ''),
      fc.string({ maxLength: 10 }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...KEYS, ...MORE_KEYS), tie('value'), { maxKeys: 5 }),
    ),
  }))
  const file = fc.dictionary(fc.constantFrom(...KEYS, ...MORE_KEYS), value, { minKeys: 3, maxKeys: 10 })
  fc.assert(
    fc.property(file, (written) => parseBounded(stringify(written))),
    { numRuns: 1_000 },
  )
})

test('never throws on any question', () => {
  const question = fc.string({ unit: 'binary', maxLength: 200 })
  fc.assert(
    fc.property(question, fc.array(fc.string(), { maxLength: 3 }), (asked, evidence) => {
      const parsed = missionFromQuestion(asked, evidence)
      if (parsed.ok) expect(parsed.mission.name).toMatch(/^(?=.{1,24}$)[a-z0-9]+(-[a-z0-9]+)*$/)
      else expect(parsed.faults.length).toBeGreaterThan(0)
    }),
    { numRuns: 500 },
  )
})
