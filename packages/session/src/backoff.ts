const FIRST_MS = 1_000
const MOST_MS = 32_000

/**
 * Full-jitter exponential backoff: somewhere in 0 to 1 s, 2 s, 4 s … 32 s after the first, second, third …
 * failure. The session draws no randomness, so the jitter is a hash of what is being retried: even across
 * tasks, and the same when the journal is replayed.
 */
export function backoffMs(failures: number, seed: string): number {
  const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1))
  return Math.floor(ceiling * fraction(seed))
}

/** FNV-1a with a final avalanche, as a fraction of 2^32. */
function fraction(seed: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
