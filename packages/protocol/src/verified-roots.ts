import { equalBytes } from './bytes.ts'
import type { ReadSignature, VerifiedRoots } from './signature.ts'

/**
 * Keeps the last `rootsMax` verified roots, about 400 bytes each. Only good ones get in, so nobody without a
 * granted key can push others out.
 */
export function createVerifiedRoots(rootsMax: number): VerifiedRoots {
  // A Map keeps the order of insertion: the first is the one unused for longest.
  const roots = new Map<string, Uint8Array>()
  return {
    has(signature, treeSize, root) {
      const key = keyOf(signature, treeSize)
      const known = roots.get(key)
      if (known === undefined || !equalBytes(known, root)) return false
      roots.delete(key)
      roots.set(key, known)
      return true
    },
    add(signature, treeSize, root) {
      roots.set(keyOf(signature, treeSize), root)
      if (roots.size > rootsMax) {
        const [oldest] = roots.keys()
        if (oldest !== undefined) roots.delete(oldest)
      }
    },
  }
}

function keyOf(signature: ReadSignature, treeSize: number): string {
  return `${latin1(signature.publicKey)}${latin1(signature.bytes)}${treeSize}`
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
