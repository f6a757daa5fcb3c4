import { expect, it } from 'vitest'
import { inputTokensBound } from './bound.ts'

it('counts every UTF-8 byte that is sent, and room for the preamble', () => {
  expect(inputTokensBound({ system: 'Be brief.', prompt: 'Größe?' })).toBe(9 + 8 + 1_024)
})

it('counts the schema twice', () => {
  const schema = { type: 'object' }
  const bare = inputTokensBound({ system: '', prompt: '' })
  expect(inputTokensBound({ system: '', prompt: '', schema })).toBe(bare + 2 * '{"type":"object"}'.length)
})

it('covers a text that grows when a tokenizer normalises it', () => {
  const ligature = '\u{FDFA}'
  const bare = inputTokensBound({ system: '', prompt: '' })
  expect(inputTokensBound({ system: '', prompt: ligature })).toBe(bare + 33)
})
