import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { GUARDS } from './guards.ts'
import { ROOT, Tree } from './tree.ts'

it('finds every guard that is to be taken out, and puts it back', () => {
  const tree = Tree.copy()
  onTestFinished(() => tree.remove())
  for (const { patches } of GUARDS) {
    tree.plant(patches)
    for (const { file } of patches) {
      expect(readFileSync(join(tree.root, file), 'utf8')).not.toBe(readFileSync(join(ROOT, file), 'utf8'))
    }
    tree.restore()
    for (const { file } of patches) {
      expect(readFileSync(join(tree.root, file), 'utf8')).toBe(readFileSync(join(ROOT, file), 'utf8'))
    }
  }
})

it('refuses a change that does not apply', () => {
  const tree = Tree.copy()
  onTestFinished(() => tree.remove())
  const file = 'packages/protocol/src/verify.ts'
  expect(() => tree.plant([{ file, find: 'nowhere', replace: '' }])).toThrow('stands there 0 times')
  expect(() => tree.plant([{ file, find: 'return', replace: '' }])).toThrow('not once')
})
