import { expect, it } from 'vitest'
import { anthropicModel } from './anthropic.ts'
import { openAiCompatibleModel } from './openai-compatible.ts'
import { baseUrlOf } from './settings.ts'

it('takes the final slash off a base URL', () => {
  expect(baseUrlOf('m', 'http://127.0.0.1:8000/v1/')).toBe('http://127.0.0.1:8000/v1')
})

it.each(['', 'localhost:8000', '127.0.0.1', 'ftp://host/v1', 'not a url'])(
  'refuses the base URL "%s"',
  (baseUrl) => {
    expect(() => anthropicModel('claude-haiku-4-5', { apiKey: 'k', baseUrl })).toThrow(
      'is not an http or https address',
    )
  },
)

it('refuses a base URL with a password, without showing it', () => {
  const make = () => openAiCompatibleModel('openai-compatible', 'm', { baseUrl: 'https://me:canary@host/v1' })
  expect(make).toThrow('set a key instead')
  expect(make).not.toThrow('canary')
})

it.each(['sk-canary\nsecond line', 'sk-\u2026', 'two words'])(
  'refuses a key that cannot be one, without showing it',
  (apiKey) => {
    const make = () => anthropicModel('claude-haiku-4-5', { apiKey })
    expect(make).toThrow('the key has a character that no key has')
    expect(make).not.toThrow('canary')
    expect(() => openAiCompatibleModel('ollama', 'm', { apiKey })).toThrow('no key has')
  },
)
