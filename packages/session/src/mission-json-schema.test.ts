import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { formatFault } from './fault.ts'
import { missionJsonSchema } from './mission-json-schema.ts'
import { missionSchema } from './mission-schema.ts'
import { parseMission } from './parse-mission.ts'

const docs = new URL('../../../docs/', import.meta.url)
const reference = readFileSync(new URL('mission.md', docs), 'utf8')
const examples = [...reference.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')

test('docs/mission.schema.json is what scripts/write-mission-schema.ts writes', () => {
  const written: unknown = JSON.parse(readFileSync(new URL('mission.schema.json', docs), 'utf8'))
  expect(written).toEqual(JSON.parse(JSON.stringify(missionJsonSchema())))
})

test('the JSON Schema offers the short forms beside the long ones, and knows the limits', () => {
  expect(missionJsonSchema()).toMatchObject({
    properties: {
      agents: { anyOf: [{ type: 'integer' }, { type: 'object', additionalProperties: false }] },
      evidence: { anyOf: [{ type: 'string' }, { type: 'array' }] },
      budget: { anyOf: [{ anyOf: [{ exclusiveMinimum: 0 }, { type: 'string' }] }, { type: 'null' }] },
    },
    required: ['mission', 'objective'],
    additionalProperties: false,
  })
})

test('every example of docs/mission.md is a mission without faults', () => {
  expect(examples).toHaveLength(2)
  for (const example of examples) {
    const parsed = parseMission(example, 'mission.md')
    expect(parsed.ok ? [] : parsed.faults.map(formatFault)).toEqual([])
  }
})

test('the complete example of docs/mission.md has every field, and the tables name each', () => {
  for (const field of Object.keys(missionSchema.shape)) {
    expect(examples[0]).toMatch(new RegExp(`^${field}:`, 'm'))
    expect(reference).toContain(`| \`${field}\` |`)
  }
})
