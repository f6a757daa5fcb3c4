import type { Primitives } from './primitives.ts'

/** Levels of an RFC 9162 Merkle tree, leaf hashes first, the root alone in the last. */
export interface Tree {
  readonly levels: readonly (readonly Uint8Array[])[]
  readonly root: Uint8Array
}

type Hashing = Pick<Primitives, 'sha256'>

/** Bounds a proof to 20 hashes. */
export const TREE_SIZE_MAX = 1 << 20

const HASH_BYTES = 32

/** SHA-256(0x00 ‖ bytes). */
export function leafHash(bytes: Uint8Array, primitives: Hashing): Uint8Array {
  const prefixed = new Uint8Array(bytes.length + 1)
  prefixed.set(bytes, 1)
  return primitives.sha256(prefixed)
}

/** SHA-256(0x01 ‖ left ‖ right). `joined`: 65 bytes to work in. */
export function nodeHash(
  left: Uint8Array,
  right: Uint8Array,
  primitives: Hashing,
  joined = new Uint8Array(1 + 2 * HASH_BYTES),
): Uint8Array {
  joined[0] = 1
  joined.set(left, 1)
  joined.set(right, 1 + HASH_BYTES)
  return primitives.sha256(joined)
}

/**
 * Hashes n leaf hashes into n - 1 nodes. Pairing from the left, with an odd last node passed up unchanged, gives
 * the tree that RFC 9162 defines by splitting at the largest power of two.
 */
export function treeOf(leaves: readonly Uint8Array[], primitives: Hashing): Tree {
  if (leaves.length === 0 || leaves.length > TREE_SIZE_MAX) {
    throw new RangeError(`a tree has 1 to ${TREE_SIZE_MAX} leaves, not ${leaves.length}`)
  }
  const levels: (readonly Uint8Array[])[] = [leaves]
  let level = leaves
  const joined = new Uint8Array(1 + 2 * HASH_BYTES)
  while (level.length > 1) {
    const above: Uint8Array[] = []
    for (let at = 0; at < level.length; at += 2) {
      const left = level[at] as Uint8Array
      const right = level[at + 1]
      above.push(right === undefined ? left : nodeHash(left, right, primitives, joined))
    }
    levels.push(above)
    level = above
  }
  return { levels, root: level[0] as Uint8Array }
}

/** Calls back with the place of each hash of the leaf's inclusion proof, lowest first. */
export function forEachSibling(
  tree: Tree,
  leafIndex: number,
  visit: (level: number, index: number) => void,
): void {
  let index = leafIndex
  for (let level = 0; level < tree.levels.length - 1; level++) {
    const sibling = index ^ 1
    if (sibling < (tree.levels[level]?.length ?? 0)) visit(level, sibling)
    index >>= 1
  }
}

export function inclusionProof(tree: Tree, leafIndex: number): Uint8Array[] {
  const hashes: Uint8Array[] = []
  forEachSibling(tree, leafIndex, (level, index) => {
    hashes.push(tree.levels[level]?.[index] as Uint8Array)
  })
  return hashes
}

/**
 * The root that a leaf, its place and its proof lead to (RFC 9162, section 2.1.3.2); `undefined` when the proof
 * has too few or too many hashes, or the place is not in a tree of that size.
 */
export function rootFromProof(
  leaf: Uint8Array,
  leafIndex: number,
  treeSize: number,
  hashes: readonly Uint8Array[],
  primitives: Hashing,
): Uint8Array | undefined {
  if (!Number.isSafeInteger(leafIndex) || !Number.isSafeInteger(treeSize)) return undefined
  if (leafIndex < 0 || leafIndex >= treeSize || treeSize > TREE_SIZE_MAX) return undefined
  let index = leafIndex
  let last = treeSize - 1
  let root = leaf
  for (const hash of hashes) {
    if (last === 0) return undefined
    if ((index & 1) === 1 || index === last) {
      root = nodeHash(hash, root, primitives)
      while ((index & 1) === 0 && index !== 0) {
        index >>= 1
        last >>= 1
      }
    } else {
      root = nodeHash(root, hash, primitives)
    }
    index >>= 1
    last >>= 1
  }
  return last === 0 ? root : undefined
}
