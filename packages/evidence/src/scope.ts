import type { Fact } from './facts.ts'

const DESCRIBES_ITS_FOLDER =
  /^(?:readme|licen[cs]e|copying|copyright|notice|package|authors|contributors|changelog|history|contributing|index|manifest|pyproject|cargo|composer)(?:[-_.].*)?$/i

/**
 * A licence, a version or a copyright line seldom says of what: it is that of the thing its source belongs to. For
 * `…/zod/LICENSE` and `…/zod/package.json` that is their folder; for any other source, the source itself.
 */
export function scopeOf(name: string): string {
  const at = name.lastIndexOf('/')
  return DESCRIBES_ITS_FOLDER.test(name.slice(at + 1)) ? name.slice(0, Math.max(0, at)) : name
}

/** Whether a claim's key is said of its source's scope, so that other scopes neither confirm nor contradict it. */
export function isScoped(fact: Fact, sentence: string): boolean {
  if (fact.kind === 'licence' || fact.kind === 'version') return true
  return fact.kind === 'date' && /copyright|\(c\)|©/i.test(sentence)
}
