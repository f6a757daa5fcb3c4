import { expect, it } from 'vitest'
import { primitives } from '../scripts/cast.ts'
import { hexOf } from './hash.ts'
import { inclusionProof, leafHash, rootFromProof, treeOf } from './tree.ts'
import { utf8 } from './utf8.ts'
import { VerifiedTree } from './verified-tree.ts'

const leavesOf = (size: number): Uint8Array[] =>
  Array.from({ length: size }, (_, at) => leafHash(utf8(`leaf ${at}`), primitives))

/** Orders in which the messages of a batch may come; the first one's signature is checked. */
const ORDERS: ((size: number) => number[])[] = [
  (size) => Array.from({ length: size }, (_, at) => at),
  (size) => Array.from({ length: size }, (_, at) => size - 1 - at),
  (size) => Array.from({ length: size }, (_, at) => (at * 7 + 3) % size),
]

it.each(Array.from({ length: 40 }, (_, at) => at + 2))(
  'judges every proof of a tree of %i leaves as hashing to the root does, whatever it has seen',
  (size) => {
    const leaves = leavesOf(size)
    const tree = treeOf(leaves, primitives)
    const root = hexOf(tree.root)
    for (const order of ORDERS) {
      const known = new VerifiedTree(size)
      const agrees = (leaf: Uint8Array, leafIndex: number, hashes: Uint8Array[]): boolean => {
        const reached = rootFromProof(leaf, leafIndex, size, hashes, primitives)
        const expected = reached !== undefined && hexOf(reached) === root
        expect(known.proves(leaf, { leafIndex, treeSize: size, hashes }, primitives)).toBe(expected)
        return expected
      }
      const [first = 0] = order(size)
      const proof = { leafIndex: first, treeSize: size, hashes: inclusionProof(tree, first) }
      known.learn(leaves[first] as Uint8Array, proof, primitives)
      for (const at of order(size)) {
        const leaf = leaves[at] as Uint8Array
        const hashes = inclusionProof(tree, at)
        for (let bad = 0; bad < hashes.length; bad++) {
          const forged = hashes.map((hash) => Uint8Array.from(hash))
          const hash = forged[bad] as Uint8Array
          hash[31] = (hash[31] ?? 0) ^ 1
          expect(agrees(leaf, at, forged)).toBe(false)
        }
        expect(agrees(leaf, at, hashes.slice(0, -1))).toBe(false)
        expect(agrees(leaf, at, [...hashes, leaf])).toBe(false)
        expect(agrees(leaf, (at + 1) % size, hashes)).toBe(false)
        expect(agrees(leafHash(leaf, primitives), at, hashes)).toBe(false)
        expect(agrees(leaf, at, hashes)).toBe(true)
      }
    }
  },
)

it('hashes once or twice for the next leaf of a batch, on average', () => {
  const leaves = leavesOf(640)
  const tree = treeOf(leaves, primitives)
  const known = new VerifiedTree(640)
  let hashed = 0
  const counting = {
    sha256(bytes: Uint8Array) {
      hashed++
      return primitives.sha256(bytes)
    },
  }
  for (const [leafIndex, leaf] of leaves.entries()) {
    const proof = { leafIndex, treeSize: 640, hashes: inclusionProof(tree, leafIndex) }
    if (leafIndex === 0) known.learn(leaf, proof, counting)
    else expect(known.proves(leaf, proof, counting)).toBe(true)
  }
  expect(hashed).toBeLessThan(700)
})
