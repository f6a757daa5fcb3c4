import { expect, it } from 'vitest'
import { primitives } from '../scripts/cast.ts'
import { hexOf } from './hash.ts'
import { inclusionProof, leafHash, nodeHash, rootFromProof, treeOf } from './tree.ts'
import { utf8 } from './utf8.ts'

const leavesOf = (size: number): Uint8Array[] =>
  Array.from({ length: size }, (_, at) => leafHash(utf8(`leaf ${at}`), primitives))

/** Word for word the definition of RFC 9162, section 2.1.1. */
function rootByDefinition(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (only !== undefined && leaves.length === 1) return only
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return nodeHash(rootByDefinition(leaves.slice(0, split)), rootByDefinition(leaves.slice(split)), primitives)
}

it('hashes the leaf and tree of the Certificate Transparency test data', () => {
  expect(hexOf(leafHash(new Uint8Array(), primitives))).toBe(
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  )
  const leaves = [new Uint8Array(), Uint8Array.of(0)].map((bytes) => leafHash(bytes, primitives))
  expect(hexOf(treeOf(leaves, primitives).root)).toBe(
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  )
})

it.each(Array.from({ length: 70 }, (_, at) => at + 1))(
  'proves each of %i leaves, in its place only',
  (size) => {
    const leaves = leavesOf(size)
    const tree = treeOf(leaves, primitives)
    expect(tree.root).toEqual(rootByDefinition(leaves))
    const leadsToRoot = (leaf: Uint8Array, at: number, of: number, proof: Uint8Array[]): boolean => {
      const reached = rootFromProof(leaf, at, of, proof, primitives)
      return reached !== undefined && hexOf(reached) === hexOf(tree.root)
    }
    for (const [at, leaf] of leaves.entries()) {
      const proof = inclusionProof(tree, at)
      expect(leadsToRoot(leaf, at, size, proof)).toBe(true)
      for (let other = 0; other < size; other++) {
        if (other !== at) expect(leadsToRoot(leaf, other, size, proof)).toBe(false)
      }
      expect(leadsToRoot(leaf, at, size, [...proof, leaf])).toBe(false)
      if (proof.length > 0) expect(leadsToRoot(leaf, at, size, proof.slice(1))).toBe(false)
    }
  },
)

it.each([
  [-1, 2],
  [2, 2],
  [0, 0],
  [0.5, 2],
  [0, Number.NaN],
  [0, 2 ** 33],
])('finds no root for place %d of %d', (at, size) => {
  expect(rootFromProof(new Uint8Array(32), at, size, [new Uint8Array(32)], primitives)).toBeUndefined()
})

it('refuses a tree without leaves', () => {
  expect(() => treeOf([], primitives)).toThrow(RangeError)
})
