const WORD_CHARACTERS_MAX = 64

/** The candidate that the word was probably meant to be, or null. Comparing ignores case. */
export function suggest(word: string, candidates: Iterable<string>): string | null {
  if (word.length > WORD_CHARACTERS_MAX) return null
  const wanted = word.toLowerCase()
  let limit = Math.min(2, Math.floor(wanted.length / 2))
  let best: string | null = null
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), limit)
    if (distance === null) continue
    best = candidate
    if (distance === 0) break
    limit = distance - 1
  }
  return best
}

/** `; did you mean "tasks"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const candidate = suggest(word, candidates)
  return candidate === null ? '' : `; did you mean ${JSON.stringify(candidate)}?`
}

/** Insertions, deletions, replacements and swaps of neighbours; null when there are more than `limit`. */
function editDistance(left: string, right: string, limit: number): number | null {
  if (Math.abs(left.length - right.length) > limit) return null
  let before: number[] = []
  let above = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      current[column] = Math.min(
        at(above, column) + 1,
        at(current, column - 1) + 1,
        at(above, column - 1) + (same ? 0 : 1),
        swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    if (Math.min(...current) > limit) return null
    before = above
    above = current
  }
  const distance = at(above, right.length)
  return distance <= limit ? distance : null
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
