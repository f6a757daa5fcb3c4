import { type Mission, missionFromQuestion } from '@infrafabric/session'
import { expect, it } from 'vitest'
import { parseArguments } from './arguments.ts'
import { COMMANDS } from './command-specs.ts'
import { withOverrides } from './mission-overrides.ts'

function mission(): Mission {
  const parsed = missionFromQuestion('What is due?', ['papers'], {
    budget: '1.00',
    deadline: '10m',
    timeout: '5m',
    agents: { worker: { count: 3, concurrency: 2, model: 'extractive' } },
  })
  if (!parsed.ok) throw new Error('the mission is faulty')
  return parsed.mission
}

function override(...argv: string[]): Mission {
  const specs = COMMANDS.find(({ name }) => name === 'run')?.options ?? {}
  const parsed = parseArguments(argv, specs)
  if (!parsed.ok) throw new Error(parsed.fault)
  return withOverrides(mission(), parsed)
}

it('leaves a mission as it is without options', () => {
  expect(override()).toEqual(mission())
})

it('replaces the model of all roles, and keeps their counts', () => {
  const { planner, worker, synthesizer } = override('--model', 'ollama/qwen3').agents
  expect([planner.model, worker, synthesizer.model]).toEqual([
    'ollama/qwen3',
    { count: 3, concurrency: 2, model: 'ollama/qwen3' },
    'ollama/qwen3',
  ])
})

it('replaces the number of workers, and keeps their model', () => {
  expect(override('-n', '1000').agents.worker).toEqual({ count: 1_000, concurrency: 2, model: 'extractive' })
})

it('replaces the limits, and keeps an attempt within the deadline', () => {
  expect(override('--budget', '$0.05', '--deadline', '1m')).toMatchObject({
    budgetMicros: 50_000,
    deadlineMs: 60_000,
    attemptTimeoutMs: 60_000,
  })
})

it('adds prices', () => {
  expect(override('--price', 'a/b=input:1.00,output:5').prices).toMatchObject({
    'a/b': { input: 1_000_000, output: 5_000_000 },
  })
})

it('gives all faults at once, under the names of the options', () => {
  expect(() => override('--budget', '0', '--deadline', 'soon', '--agents', '2000')).toThrow(
    /--agents .*\n--budget .*\n--deadline |--budget .*\n--deadline .*\n--agents /s,
  )
})
