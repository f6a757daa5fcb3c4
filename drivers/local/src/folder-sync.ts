import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncDirectory } from './sync-directory.ts'

/**
 * Folders that survive power loss. `prepare` makes one, and syncs every parent once in this process: a folder that
 * is already there may be another process's, whose parent is not synced yet. Calls of `sync` that come while one
 * runs share the next.
 */
export class FolderSync {
  readonly #root: string
  readonly #prepared = new Map<string, Promise<void>>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #next = new Map<string, Promise<void>>()

  constructor(root: string) {
    this.#root = root
  }

  /** Makes `root/…segments` and returns its path. */
  async prepare(segments: readonly string[]): Promise<string> {
    let folder = this.#root
    for (const segment of segments) {
      folder = join(folder, segment)
      await this.#once(folder)
    }
    return folder
  }

  #once(folder: string): Promise<void> {
    let done = this.#prepared.get(folder)
    if (done === undefined) {
      done = this.#make(folder)
      this.#prepared.set(folder, done)
      done.catch(() => this.#prepared.delete(folder))
    }
    return done
  }

  async #make(folder: string): Promise<void> {
    await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await this.sync(dirname(folder))
  }

  /** Resolves when every name that was in the folder at the call is durable. */
  sync(folder: string): Promise<void> {
    const running = this.#running.get(folder)
    if (running === undefined) return this.#start(folder)
    // The one that runs may have begun before the caller's name was there.
    let next = this.#next.get(folder)
    if (next === undefined) {
      next = running
        .catch(() => {})
        .then(() => {
          this.#next.delete(folder)
          return this.#start(folder)
        })
      this.#next.set(folder, next)
    }
    return next
  }

  #start(folder: string): Promise<void> {
    const done = syncDirectory(folder).finally(() => {
      if (this.#running.get(folder) === done) this.#running.delete(folder)
    })
    this.#running.set(folder, done)
    return done
  }
}
