import type { Primitives } from './primitives.ts'
import type { ReadProof } from './signature.ts'
import { nodeHash } from './tree.ts'

type Hashing = Pick<Primitives, 'sha256'>

const HASH_BYTES = 32

/**
 * Nodes of one tree whose root has been verified. Each proof that led to the root has shown some; a leaf whose path
 * meets one of them is proven without hashing on, and the next leaf of a batch meets one after a step or two.
 */
export class VerifiedTree {
  readonly #treeSize: number
  /** Place of each level's first node, leaves first. */
  readonly #levels: number[] = []
  readonly #nodes: Uint8Array
  readonly #known: Uint8Array
  readonly #joined = new Uint8Array(1 + 2 * HASH_BYTES)

  constructor(treeSize: number) {
    this.#treeSize = treeSize
    let nodes = 0
    for (let size = treeSize; ; size = (size + 1) >> 1) {
      this.#levels.push(nodes)
      nodes += size
      if (size === 1) break
    }
    this.#nodes = new Uint8Array(nodes * HASH_BYTES)
    this.#known = new Uint8Array(nodes)
  }

  get byteLength(): number {
    return this.#nodes.length + this.#known.length
  }

  /**
   * Whether the proof leads from the leaf to the root: by hashing to a node that is known, and by showing known
   * hashes from there on. Exactly the proofs that hash to the root all the way do.
   */
  proves(leaf: Uint8Array, { leafIndex, hashes }: ReadProof, primitives: Hashing): boolean {
    return this.#walk(leaf, leafIndex, hashes, primitives, false)
  }

  /** Takes in a proof that is known to lead to the root. */
  learn(leaf: Uint8Array, { leafIndex, hashes }: ReadProof, primitives: Hashing): void {
    this.#walk(leaf, leafIndex, hashes, primitives, true)
  }

  #walk(
    leaf: Uint8Array,
    leafIndex: number,
    hashes: readonly Uint8Array[],
    primitives: Hashing,
    trusted: boolean,
  ): boolean {
    const places: number[] = []
    const shown: Uint8Array[] = []
    let used = 0
    /** Of the place; undefined once a known node was met: what is above it is known too. */
    let node: Uint8Array | undefined = leaf
    let index = leafIndex
    let last = this.#treeSize - 1
    for (let level = 0; ; level++) {
      const first = this.#levels[level] ?? 0
      if (node !== undefined) {
        if (this.#known[first + index] === 1) {
          if (!this.#is(first + index, node)) return false
          node = undefined
        } else {
          places.push(first + index)
          shown.push(node)
        }
      }
      if (last === 0) break
      // An odd last node goes up unchanged.
      if (index < last || (index & 1) === 1) {
        const sibling = hashes[used++]
        if (sibling === undefined) return false
        const place = first + (index ^ 1)
        if (this.#known[place] === 1) {
          if (!this.#is(place, sibling)) return false
        } else if (node === undefined) {
          return false
        } else {
          places.push(place)
          shown.push(sibling)
        }
        if (node !== undefined) {
          const [left, right] = (index & 1) === 1 ? [sibling, node] : [node, sibling]
          node = nodeHash(left, right, primitives, this.#joined)
        }
      }
      index >>= 1
      last >>= 1
    }
    if (used !== hashes.length || (node !== undefined && !trusted)) return false
    for (let at = 0; at < places.length; at++) this.#keep(places[at] ?? 0, shown[at] as Uint8Array)
    return true
  }

  #is(place: number, hash: Uint8Array): boolean {
    const from = place * HASH_BYTES
    for (let at = 0; at < HASH_BYTES; at++) if (this.#nodes[from + at] !== hash[at]) return false
    return true
  }

  #keep(place: number, hash: Uint8Array): void {
    this.#nodes.set(hash, place * HASH_BYTES)
    this.#known[place] = 1
  }
}
