import { expect, it } from 'vitest'
import { toGrammarSchema } from './grammar-schema.ts'

it('bounds what has no bound, and keeps the bounds there are', () => {
  const schema = {
    type: 'object',
    properties: {
      long: { type: 'string' },
      short: { type: 'string', maxLength: 9 },
      list: { type: 'array', items: { type: 'string' } },
    },
    required: ['long'],
    additionalProperties: false,
  }
  expect(toGrammarSchema(schema)).toEqual({
    type: 'object',
    properties: {
      long: { type: 'string', maxLength: 1_000 },
      short: { type: 'string', maxLength: 9 },
      list: { type: 'array', maxItems: 16, items: { type: 'string', maxLength: 1_000 } },
    },
    additionalProperties: false,
  })
})

it('leaves out what a grammar cannot say', () => {
  expect(toGrammarSchema({ type: 'integer', minimum: 1, enum: [1, 2] })).toEqual({
    type: 'integer',
    enum: [1, 2],
  })
  expect(toGrammarSchema({ type: 'string', pattern: '^a', format: 'email', enum: ['a'] })).toEqual({
    type: 'string',
    enum: ['a'],
  })
  expect(toGrammarSchema({ anyOf: [{ type: 'null' }, { type: 'number', maximum: 3 }] })).toEqual({
    oneOf: [{ type: 'null' }, { type: 'number' }],
  })
})
