import { fold, isStopWord, stem } from './words.ts'

/** Words that stand before the name of the one thing a whole passage is about. */
const KIND =
  /\b(M\/Y|S\/Y|M\/V|MV|SV|SS|yacht|vessel|boat|ship|package|library|module|project|company|hotel|house|car|site|plant|server|patient)\s+["“'*_`]*(\p{Lu}[\p{L}\d-]+|`[^`]{1,80}`)/gu
const NOT_A_NAME =
  /^(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|mr|mrs|ms|dr|mme|m)$/

/** What things are called: `engine=meridian` of "Meridian's engine" or "the engine of Meridian". */
export function namedThings(text: string): Set<string> {
  const named = new Set<string>()
  const add = (head: string, name: string): void => {
    const folded = fold(name)
    const word = fold(head)
    if (!isStopWord(word) && !NOT_A_NAME.test(folded) && word.length > 2) named.add(`${stem(word)}=${folded}`)
  }
  for (const [, name = '', words = ''] of text.matchAll(
    /(?<![\p{L}-])(\p{Lu}\p{Ll}+)['’]s ((?:\p{Ll}+ ){0,2}\p{Ll}+)/gu,
  )) {
    for (const word of words.split(' ')) add(word, name)
  }
  for (const [, head = '', name = ''] of text.matchAll(
    /(\p{Ll}{3,}) (?:of|for|aboard) (?:the )?(?:\p{Lu}\/\p{Lu} )?(\p{Lu}\p{Ll}+)/gu,
  ))
    add(head, name)
  return named
}

/** Names of the kind of thing a passage is about: `m/y=meridian`. */
export function namedKinds(text: string): Set<string> {
  const named = new Set<string>()
  for (const [, kind = '', name = ''] of text.matchAll(KIND)) {
    const folded = fold(name).replace(/`/g, '')
    if (!NOT_A_NAME.test(folded))
      named.add(`${/^[MS]/.test(kind) || /yacht|vessel|boat|ship/.test(kind) ? 'vessel' : kind}=${folded}`)
  }
  return named
}

/** The two give the same kind of thing different names, and no name in common. */
export function namesClash(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  const heads = new Map<string, { shared: boolean; both: boolean }>()
  for (const name of one) {
    const head = name.slice(0, name.indexOf('='))
    const state = heads.get(head) ?? { shared: false, both: false }
    if (other.has(name)) state.shared = true
    heads.set(head, state)
  }
  for (const name of other) {
    const state = heads.get(name.slice(0, name.indexOf('=')))
    if (state !== undefined) state.both = true
  }
  return [...heads.values()].some((state) => state.both && !state.shared)
}
