import { expect, it } from 'vitest'
import { type OptionSpec, parseArguments } from './arguments.ts'

const specs: Record<string, OptionSpec> = {
  evidence: { value: 'PATH…', short: 'e', many: true, about: '' },
  budget: { value: 'USD', about: '' },
  json: { about: '' },
}

function parse(...argv: string[]) {
  const parsed = parseArguments(argv, specs)
  if (!parsed.ok) throw new Error(parsed.fault)
  return parsed
}

it('reads values after a space and after an equals sign, and short names', () => {
  const parsed = parse('--budget=1', '-e', 'a', '-eb', '--json')
  expect([parsed.text('budget'), parsed.texts('evidence'), parsed.has('json')]).toEqual([
    '1',
    ['a', 'b'],
    true,
  ])
  expect([parsed.text('evidence'), parse('a').has('json')]).toEqual(['a', false])
})

it('says of each word whether an option that takes many stands right before it', () => {
  const { words } = parse('one', '--evidence', 'a', 'b', 'c', '--json', 'two')
  expect(words.map(({ text, after }) => [text, after])).toEqual([
    ['one', null],
    ['b', 'evidence'],
    ['c', 'evidence'],
    ['two', null],
  ])
})

it('takes what follows -- as words', () => {
  expect(parse('--', '--budget', '-x').words.map(({ text }) => text)).toEqual(['--budget', '-x'])
})

it('takes a negative number as a value, for whoever checks it to refuse', () => {
  expect(parse('--budget', '-1').text('budget')).toBe('-1')
})

it.each([
  [['--bugdet', '1'], 'there is no option --bugdet'],
  [['--toString', '1'], 'there is no option --toString'],
  [['--budget'], '--budget needs a value: --budget USD'],
  [['--budget='], '--budget needs a value: --budget USD'],
  [['--budget', '--json'], '--budget needs a value: --budget USD'],
  [['--budget', '1', '--budget', '2'], '--budget is given twice'],
  [['--json=no'], '--json takes no value'],
])('refuses %j', (argv, fault) => {
  const parsed = parseArguments(argv, specs)
  expect(parsed).toMatchObject({ ok: false, fault: expect.stringContaining(fault) })
})
