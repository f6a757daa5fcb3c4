import { expect, test } from 'vitest'
import { formatFault } from './fault.ts'
import { parseMission } from './parse-mission.ts'

const mission = `mission: Navi Docs
objectve: What must the new owner know?
evidence: []
agents:
  worker: { count: 0, modl: auto, model: haiku }
  planner: 2
budget: 0.0000001
deadline: 10
attempts: ten
timeout: 2h
tasks:
  - id: engines
    question: Which work is due?
    needs: [costs, survay, engines]
  - id: costs
    needs: [engines]
  - id: costs
    question: 5
    needs: survey
  - id: survey
    question: "What did the\\u0007 survey find?"
  - 7
prices:
  haiku: { input: 1, output: 5 }
  anthropic/claude-haiku-4-5: { input: 1, cache_write: -1 }
  __proto__: { input: 0, output: 0 }
mission: again
`

test('reports every fault of a file at once, in order, each with its place and remedy', () => {
  const parsed = parseMission(mission, 'mission.yaml')
  const faults = parsed.ok ? [] : parsed.faults.map(formatFault)
  expect(`\n${faults.join('\n')}\n`).toBe(`
mission.yaml:1:1 objective: is missing; it must be a text of 1 to 4,000 characters that says what you want to know
mission.yaml:1:10 mission: must be lower-case letters, digits and single hyphens, is "Navi Docs"; write navi-docs
mission.yaml:2:1 objectve: is not a key of a mission; did you mean "objective"?
mission.yaml:3:11 evidence: is empty; name the files, folders, globs or https URLs to answer from
mission.yaml:5:20 agents.worker.count: must be from 1 to 1,000, is 0
mission.yaml:5:23 agents.worker.modl: is not a key of a mission; did you mean "model"?
mission.yaml:5:42 agents.worker.model: must be auto, extractive or provider/model, as in anthropic/claude-haiku-4-5, is the text "haiku"
mission.yaml:6:12 agents.planner: must be 1, is 2; a session has one planner
mission.yaml:7:9 budget: "1e-7" has a fraction of a micro-dollar; six decimals are the most
mission.yaml:8:11 deadline: must be a duration with its units (d, h, m, s, ms), such as 10m or 1h30m, is 10; write 10s for seconds or 10m for minutes
mission.yaml:9:11 attempts: must be a whole number from 1 to 10, is the text "ten"
mission.yaml:10:10 timeout: must be from 1s to 1h, is 2h
mission.yaml:14:20 tasks[0].needs[1]: task "engines" needs "survay", which is not defined; did you mean "survey"?
mission.yaml:14:28 tasks[0].needs[2]: task "engines" needs itself; remove it
mission.yaml:15:5 tasks[1].question: is missing; it must be a question of 1 to 4,000 characters
mission.yaml:16:13 tasks[1].needs[0]: tasks need each other in a circle: engines → costs → engines; remove one of these needs
mission.yaml:17:9 tasks[2].id: "costs" is already used in line 15; rename one of them
mission.yaml:18:15 tasks[2].question: must be a question of 1 to 4,000 characters, is 5; put it in quotes
mission.yaml:19:12 tasks[2].needs: must be a list of task ids, is the text "survey"; write [survey]
mission.yaml:21:15 tasks[3].question: has the control character "\\u{7}"; remove it
mission.yaml:22:5 tasks[4]: must be a mapping of id, question and needs, is 7
mission.yaml:24:3 prices.haiku: must be provider/model, as in anthropic/claude-haiku-4-5
mission.yaml:25:31 prices.anthropic/claude-haiku-4-5.output: is missing; it must be US dollars per million tokens, such as 1.00
mission.yaml:25:56 prices.anthropic/claude-haiku-4-5.cache_write: must not be negative, is -1
mission.yaml:26:3 prices.__proto__: is not a key of a mission; remove it
mission.yaml:27:1 mission: is already given in line 1; keep one of them
`)
})
