import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH } from './html-assets.ts'

const policyHash = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`

test('the policy names the hash of the exact style', () => {
  expect(STYLE_HASH).toBe(policyHash(STYLE))
})

test('the policy names the hash of the exact script', () => {
  expect(SCRIPT_HASH).toBe(policyHash(SCRIPT))
})

test('neither can end its own element or load anything', () => {
  expect(STYLE + SCRIPT).not.toMatch(/<\/|url\(|@import|https?:|fetch\(|innerHTML/)
})
