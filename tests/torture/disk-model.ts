import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Random } from './random.ts'

/** What a disk may tear a write into. */
const SECTOR_BYTES = 512

interface FileNode {
  is: 'file'
  /** As of the last sync. */
  durable: Buffer
  /** Since the last sync, in order. */
  pending: Change[]
}
type Change = { at: number; data: Buffer } | { length: number }

interface FolderNode {
  is: 'folder'
  /** What programs see. */
  names: Map<string, Node>
  /** Names as of the last sync. */
  durable: Map<string, Node>
  /** Since the last sync, in order; one step survives or is lost as a whole. */
  pending: Renaming[]
}
type Renaming = readonly (readonly [name: string, node: Node | null])[]
type Node = FileNode | FolderNode

export interface Losses {
  writesKept: number
  writesLost: number
  writesTorn: number
  namesKept: number
  namesLost: number
}

/**
 * A disk under a file system that promises no more than POSIX: a file's bytes survive power loss once it is synced,
 * a name once its folder is; of what came later any part may survive, in any order, torn at sectors.
 */
export class DiskModel {
  readonly #home: string
  #root: FolderNode
  readonly #inodes = new Map<bigint, Node>()
  /** Changes and syncs in the record. */
  changes = 0

  private constructor(home: string) {
    this.#home = home
    this.#root = newFolder()
  }

  /** What lies in the folder now, all of it durable; nothing when there is no folder. */
  static of(home: string): DiskModel {
    const model = new DiskModel(home)
    if (lstatSync(home, { throwIfNoEntry: false }) !== undefined) model.#root = model.#scan(home)
    return model
  }

  #scan(path: string): FolderNode {
    const folder = newFolder()
    this.#inodes.set(numberOf(path), folder)
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inner = join(path, entry.name)
      const number = numberOf(inner)
      let node: Node | undefined = this.#inodes.get(number)
      node ??= entry.isDirectory()
        ? this.#scan(inner)
        : { is: 'file', durable: readFileSync(inner), pending: [] }
      this.#inodes.set(number, node)
      folder.names.set(entry.name, node)
      folder.durable.set(entry.name, node)
    }
    return folder
  }

  /** Plays what the preloaded library wrote down, see power-loss.c. */
  replay(record: Buffer): void {
    for (let at = 0; at < record.length; ) {
      const kind = String.fromCharCode(record[at] ?? 0)
      const inode = record.readBigUInt64LE(at + 1)
      const offset = Number(record.readBigUInt64LE(at + 9))
      const [path, to, bytes] = [17, 21, 25].map((field) => record.readUInt32LE(at + field)) as [
        number,
        number,
        number,
      ]
      at += 29
      const from = record.toString('utf8', at, at + path)
      const target = record.toString('utf8', at + path, at + path + to)
      const data = record.subarray(at + path + to, at + path + to + bytes)
      at += path + to + bytes
      this.changes++
      this.#play(kind, { inode, offset, from, target, data })
    }
  }

  #play(
    kind: string,
    step: { inode: bigint; offset: number; from: string; target: string; data: Buffer },
  ): void {
    const { inode, offset, from, target, data } = step
    switch (kind) {
      case 'C':
        this.#make(inode, from, { is: 'file', durable: Buffer.alloc(0), pending: [] })
        break
      case 'M':
        // The home itself: its parent is not ours to sync.
        if (from === this.#home) this.#inodes.set(inode, this.#root)
        else this.#make(inode, from, newFolder())
        break
      case 'W':
        this.#file(inode).pending.push({ at: offset, data })
        break
      case 'T':
        this.#file(inode).pending.push({ length: offset })
        break
      case 'S':
        sync(this.#node(inode))
        break
      case 'L':
        this.#rename(target, [[basename(target), this.#at(from)]])
        break
      case 'U':
        this.#rename(from, [[basename(from), null]])
        break
      case 'R':
        if (dirname(from) !== dirname(target))
          throw new Error(`the model knows no move from ${from} to ${target}`)
        this.#rename(target, [
          [basename(target), this.#at(from)],
          [basename(from), null],
        ])
        break
      default:
        throw new Error(`the record holds a "${kind}"`)
    }
  }

  #make(inode: bigint, path: string, node: Node): void {
    this.#inodes.set(inode, node)
    this.#rename(path, [[basename(path), node]])
  }

  #rename(path: string, renaming: Renaming): void {
    const folder = this.#at(dirname(path))
    if (folder.is !== 'folder') throw new Error(`${path} is in no folder`)
    apply(folder.names, renaming)
    folder.pending.push(renaming)
  }

  #at(path: string): Node {
    let node: Node = this.#root
    for (const name of path.slice(this.#home.length).split('/').filter(Boolean)) {
      const next: Node | undefined = node.is === 'folder' ? node.names.get(name) : undefined
      if (next === undefined) throw new Error(`the record names ${path}, which the model does not have`)
      node = next
    }
    return node
  }

  #node(inode: bigint): Node {
    const node = this.#inodes.get(inode)
    if (node === undefined) throw new Error(`the record names inode ${inode}, which the model does not have`)
    return node
  }

  #file(inode: bigint): FileNode {
    const node = this.#node(inode)
    if (node.is !== 'file') throw new Error(`inode ${inode} is a folder`)
    return node
  }

  /** Where the model and the disk differ, as seen by a program: a call that the record missed. */
  difference(): string | null {
    return differenceOf(this.#root, this.#home)
  }

  /** Replaces what is in the home by what power loss leaves of it. */
  losePower(random: Random): Losses {
    const losses: Losses = { writesKept: 0, writesLost: 0, writesTorn: 0, namesKept: 0, namesLost: 0 }
    rmSync(this.#home, { recursive: true, force: true })
    // Now and then a disk keeps nothing that was not synced, or nearly all.
    const keep = [0, 0.2, 0.5, 0.9][Math.floor(random() * 4)] ?? 0
    leave(this.#root, this.#home, { keep, random, losses, written: new Map() })
    return losses
  }
}

/** Overlay file systems number folders and files apart, so that the top bit tells which it is. */
function numberOf(path: string): bigint {
  const found = lstatSync(path, { bigint: true })
  return found.isDirectory() ? found.ino | (1n << 63n) : found.ino
}

function newFolder(): FolderNode {
  return { is: 'folder', names: new Map(), durable: new Map(), pending: [] }
}

function apply(names: Map<string, Node>, renaming: Renaming): void {
  for (const [name, node] of renaming) {
    if (node === null) names.delete(name)
    else names.set(name, node)
  }
}

function sync(node: Node): void {
  if (node.is === 'folder') node.durable = new Map(node.names)
  else node.durable = withChanges(node.durable, node.pending)
  node.pending = []
}

function withChanges(content: Buffer, changes: readonly Change[]): Buffer {
  let bytes: Buffer = Buffer.from(content)
  for (const change of changes) {
    if ('length' in change) bytes = resized(bytes, change.length)
    else {
      bytes = resized(bytes, Math.max(bytes.length, change.at + change.data.length))
      change.data.copy(bytes, change.at)
    }
  }
  return bytes
}

function resized(bytes: Buffer, length: number): Buffer {
  if (length <= bytes.length) return bytes.subarray(0, length)
  return Buffer.concat([bytes, Buffer.alloc(length - bytes.length)])
}

function differenceOf(node: Node, path: string): string | null {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined)
    return node.is === 'folder' && node.names.size === 0 ? null : `${path} is not there`
  if (node.is === 'file') {
    // Written through a memory map, and made anew by whoever opens the database.
    if (path.endsWith('-shm')) return null
    return withChanges(node.durable, node.pending).equals(readFileSync(path))
      ? null
      : `${path} has other bytes`
  }
  for (const name of readdirSync(path))
    if (!node.names.has(name)) return `${join(path, name)} is not in the record`
  for (const [name, inner] of node.names) {
    const difference = differenceOf(inner, join(path, name))
    if (difference !== null) return difference
  }
  return null
}

interface Cut {
  keep: number
  random: Random
  losses: Losses
  /** Files that have two names have one content. */
  written: Map<FileNode, Buffer>
}

function leave(node: Node, path: string, cut: Cut): void {
  if (path.endsWith('-shm')) return
  if (node.is === 'folder') {
    mkdirSync(path, { mode: 0o700 })
    for (const [name, inner] of survivingNames(node, cut)) leave(inner, join(path, name), cut)
    return
  }
  let bytes = cut.written.get(node)
  if (bytes === undefined) {
    bytes = survivingBytes(node, cut)
    cut.written.set(node, bytes)
  }
  writeFileSync(path, bytes, { mode: 0o600 })
}

/** File systems write names in their order: what survives is a beginning. */
function survivingNames({ durable, pending }: FolderNode, { keep, random, losses }: Cut): Map<string, Node> {
  const names = new Map(durable)
  const kept = Math.floor(pending.length * Math.min(1, keep * 2 * random()))
  for (const renaming of pending.slice(0, kept)) apply(names, renaming)
  losses.namesKept += kept
  losses.namesLost += pending.length - kept
  return names
}

function survivingBytes({ durable, pending }: FileNode, { keep, random, losses }: Cut): Buffer {
  const survivors: Change[] = []
  for (const change of pending) {
    if (random() >= keep) {
      losses.writesLost++
      continue
    }
    if ('length' in change || random() < 0.5) {
      survivors.push(change)
      losses.writesKept++
      continue
    }
    losses.writesTorn++
    // Sectors lie at multiples of their size in the file, not in the write.
    for (let from = change.at; from < change.at + change.data.length; ) {
      const end = Math.min(
        (Math.floor(from / SECTOR_BYTES) + 1) * SECTOR_BYTES,
        change.at + change.data.length,
      )
      if (random() < 0.5)
        survivors.push({ at: from, data: change.data.subarray(from - change.at, end - change.at) })
      from = end
    }
  }
  return withChanges(durable, survivors)
}
