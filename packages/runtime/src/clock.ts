/** Where time comes from, and the only place: a simulation hands in its own and replays it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Calls back once after `ms`, unless it is cancelled first. */
  after(ms: number, callback: () => void): () => void
  /** Resolves when everything that is ready now has run, so that what is ready together goes together. */
  yield(): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
  yield: () => new Promise((resolve) => setImmediate(resolve)),
}
