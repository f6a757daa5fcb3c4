import { describe, expect, it } from 'vitest'
import {
  agentIdOf,
  agentName,
  conversationName,
  evidenceName,
  isAgentId,
  isConversationOf,
  isMessageOf,
  isSessionId,
  messageName,
  parseName,
  sessionName,
} from './names.ts'

describe('parseName', () => {
  it.each([
    'if://agent/session-1/coordinator',
    'if://agent/h01',
    'if://conversation/navidocs-research-2025-11-14',
    'if://message/3f2504e0-4f89-11d3-9a0c-0305e82c3301',
    'if://did/a:b/c~d/E_f.g#part-2',
    agentName('s', 'h01'),
    sessionName('s'),
    conversationName('s', 'engines'),
    messageName('s', 'h01', 2, 17),
    evidenceName('ab'.repeat(32) as never),
  ])('takes %s', (text) => {
    expect(parseName(text)).toBeDefined()
  })

  it('tells type, segments and fragment', () => {
    expect(parseName('if://doc/a/b#c')).toEqual({ type: 'doc', segments: ['a', 'b'], fragment: 'c' })
  })

  it.each([
    '',
    'if://agent',
    'if://agent/',
    'if://agent//h01',
    'if://agent/h01/',
    'if://agent/../h01',
    'if://agent/.',
    'if://Agent/h01',
    'IF://agent/h01',
    'if://robot/h01',
    'if://agent/h%2001',
    'if://agent/h 01',
    'if://agent/h01?x=1',
    'if://agent/h01#',
    'if://agent/h01#a#b',
    'if://agent/höhe',
    'if://agent/h01\n',
    ' if://agent/h01',
    'http://agent/h01',
    `if://agent/${'a'.repeat(129)}`,
    `if://agent${'/abcdefghi'.repeat(60)}`,
  ])('refuses %j', (text) => {
    expect(parseName(text)).toBeUndefined()
  })

  it('takes a type that the caller registers', () => {
    expect(parseName('if://robot/r2', ['robot'])?.type).toBe('robot')
  })
})

it.each(['a', 'h01', 'handover-7f3k', 'a'.repeat(63)])(
  'takes %s as the id of a session or an agent',
  (id) => {
    expect([isSessionId(id), isAgentId(id)]).toEqual([true, true])
  },
)

it.each(['', '-a', 'a-', 'A', 'a.b', 'a/b', 'a b', 'é', 'a\n', 'a'.repeat(64)])(
  'refuses %j as such an id',
  (id) => {
    expect([isSessionId(id), isAgentId(id)]).toEqual([false, false])
  },
)

it('tells what belongs to a session from what only begins like it', () => {
  expect(agentIdOf('if://agent/s/h01', 's')).toBe('h01')
  expect(agentIdOf('if://agent/s2/h01', 's')).toBeUndefined()
  expect(agentIdOf('if://agent/s/h01/x', 's')).toBeUndefined()
  expect(isConversationOf('if://conversation/s/engines', 's')).toBe(true)
  expect(isConversationOf('if://conversation/s/..', 's')).toBe(false)
  expect(isConversationOf('if://conversation/s', 's')).toBe(false)
  expect(isMessageOf('if://message/s/h01/1.2', 's')).toBe(true)
  expect(isMessageOf('if://message/s/h01/1.02', 's')).toBe(false)
  expect(isMessageOf('if://message/s/h01', 's')).toBe(false)
  expect(isMessageOf('if://message/s/h01/1.2/3', 's')).toBe(false)
})
