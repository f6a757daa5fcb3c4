import { equalBytes } from './bytes.ts'
import type { Primitives } from './primitives.ts'
import type { VerifiedRoots } from './signature.ts'
import { VerifiedTree } from './verified-tree.ts'

/** Trees of more leaves are remembered by nothing: each of their messages costs a signature. 4.3 MB. */
const TREE_SIZE_REMEMBERED_MAX = 65_536
/** Of all trees together. */
const BYTES_MAX = 8 * 1024 * 1024

interface Remembered {
  publicKey: Uint8Array
  treeSize: number
  tree: VerifiedTree
}

/**
 * Keeps the last `rootsMax` verified trees, as far as they have been seen, in at most 8 MiB. Only good ones get in,
 * so nobody without a granted key can push others out.
 */
export function createVerifiedRoots(rootsMax: number, primitives: Pick<Primitives, 'sha256'>): VerifiedRoots {
  // A Map keeps the order of insertion: the first is the oldest.
  const roots = new Map<string, Remembered>()
  let bytes = 0

  function forget(text: string): void {
    bytes -= roots.get(text)?.tree.byteLength ?? 0
    roots.delete(text)
  }

  return {
    leadsTo(signature, digest, proof) {
      const known = roots.get(signature.text)
      return (
        known !== undefined &&
        known.treeSize === proof.treeSize &&
        equalBytes(known.publicKey, signature.publicKey) &&
        known.tree.proves(digest, proof, primitives)
      )
    },
    add(signature, digest, proof) {
      const { treeSize } = proof
      if (treeSize > TREE_SIZE_REMEMBERED_MAX) return
      forget(signature.text)
      const tree = new VerifiedTree(treeSize)
      tree.learn(digest, proof, primitives)
      roots.set(signature.text, { publicKey: signature.publicKey, treeSize, tree })
      bytes += tree.byteLength
      for (const oldest of roots.keys()) {
        if (roots.size <= rootsMax && bytes <= BYTES_MAX) break
        forget(oldest)
      }
    },
  }
}
