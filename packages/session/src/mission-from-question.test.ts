import { expect, test } from 'vitest'
import { formatFault } from './fault.ts'
import { defaultMission } from './mission-defaults.ts'
import { missionFromQuestion } from './mission-from-question.ts'

function nameOf(question: string): string {
  const parsed = missionFromQuestion(question, ['./documents'])
  return parsed.ok ? parsed.mission.name : 'refused'
}

test('makes a mission of a question, with the defaults of a mission file and no tasks', () => {
  const question = 'What must a new owner do first?'
  expect(missionFromQuestion(question, ['./documents'])).toEqual({
    ok: true,
    mission: { ...defaultMission(), name: 'new-owner-first', objective: question, evidence: ['./documents'] },
  })
})

test.each([
  ['When is the life raft due?', 'life-raft-due'],
  ['Wie heißt das Schiff?', 'wie-heisst-das-schiff'],
  ['Où est le café?', 'ou-est-le-cafe'],
  ['What is it?', 'what-is-it'],
  ['船的名字是什么？', 'question'],
  ['Donaudampfschifffahrtsgesellschaftskapitän?', 'donaudampfschifffahrtsge'],
  ['Which licences do the packages in this folder have?', 'licences-packages-folder'],
])('names the mission after %j', (question, name) => {
  expect(nameOf(question)).toBe(name)
})

test('takes overrides as they are written in a mission file', () => {
  const overrides = {
    budget: '$0.05',
    deadline: '90s',
    agents: { worker: { count: 3, model: 'extractive' } },
  }
  const parsed = missionFromQuestion('Why?', ['a.md'], overrides)
  expect(parsed).toMatchObject({
    ok: true,
    mission: {
      budgetMicros: 50_000,
      deadlineMs: 90_000,
      attemptTimeoutMs: 90_000,
      agents: { worker: { count: 3, concurrency: 1, model: 'extractive' } },
    },
  })
})

test('refuses a question, evidence and options that make no sense, all at once', () => {
  const parsed = missionFromQuestion(' ', [], { budget: '-1', agents: 0 })
  expect(parsed.ok ? [] : parsed.faults.map(formatFault)).toEqual([
    'objective: is blank; it must be a text of 1 to 4,000 characters that says what you want to know',
    'agents.worker.count: must be from 1 to 1,000, is 0',
    'budget: must not be negative, is the text "-1"',
    'evidence: is empty; name the files, folders, globs or https URLs to answer from',
  ])
})
