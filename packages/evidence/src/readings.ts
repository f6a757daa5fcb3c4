import type { Passage } from './document.ts'
import { type Fact, factsOf, valuesOf } from './facts.ts'
import { wordsOf } from './independence.ts'
import { type Context, contextOf, type Statement, statementsFrom } from './judge.ts'
import { normaliseWhitespace } from './quotes.ts'
import { type Span, sentencesOf } from './sentences.ts'
import { termsOf } from './words.ts'

/** What is read out of a passage to compare it: each part when it is first asked for. */
export interface Reading {
  readonly facts: readonly Fact[]
  readonly sentences: readonly Sentence[]
  /** Terms of its text. */
  readonly terms: ReadonlySet<string>
  /** Terms of its headings and its source's name. */
  readonly headed: ReadonlySet<string>
  readonly context: Context
  readonly statements: readonly Statement[]
  readonly normalised: string
  /** Values that stand anywhere in the passage or its headings, in every reading. */
  readonly values: ReadonlySet<string>
  /** Its letters and digits, headings and name included, without spaces and marks. */
  readonly squeezed: string
}

/** A sentence, row or list item. */
export interface Sentence extends Span {
  text: string
  terms: ReadonlySet<string>
  facts: readonly Fact[]
}

/** About 20 KB each. */
const PASSAGES_MOST = 1000
const TEXTS_MOST = 2000

/**
 * Readings of passages, and words of texts, kept for the next who asks: claims of one session are compared with the same
 * passages again and again. What is kept never shows in a result, only in its time.
 */
export class Readings {
  readonly #passages = new Map<string, { passage: Passage; headings: string; reading: Reading }>()
  readonly #words = new Map<string, readonly string[]>()

  of(passage: Passage): Reading {
    const name = `${passage.source} ${passage.passage}`
    const headings = passage.headings.join('\n')
    const kept = this.#passages.get(name)
    // A passage that somebody changed is another one.
    if (
      kept !== undefined &&
      kept.passage.text === passage.text &&
      kept.passage.name === passage.name &&
      kept.headings === headings
    )
      return kept.reading
    const own: Passage = { ...passage, headings: [...passage.headings] }
    const reading = readingOf(own)
    keep(this.#passages, name, { passage: own, headings, reading }, PASSAGES_MOST)
    return reading
  }

  /** `wordsOf` a text. */
  words(text: string): readonly string[] {
    const kept = this.#words.get(text)
    if (kept !== undefined) return kept
    const words = wordsOf(text)
    keep(this.#words, text, words, TEXTS_MOST)
    return words
  }
}

/** The oldest makes room. */
function keep<T>(map: Map<string, T>, name: string, value: T, most: number): void {
  map.delete(name)
  if (map.size >= most) {
    const oldest = map.keys().next().value
    if (oldest !== undefined) map.delete(oldest)
  }
  map.set(name, value)
}

function readingOf(passage: Passage): Reading {
  const { text } = passage
  const facts = once(() => factsOf(text))
  const sentences = once(() =>
    sentencesOf(text).map(({ start, end }): Sentence => {
      const own = text.slice(start, end)
      return {
        start,
        end,
        text: own,
        terms: new Set(termsOf(own)),
        facts: facts().filter((fact) => fact.start >= start && fact.end <= end),
      }
    }),
  )
  const terms = once(() => new Set(termsOf(text)))
  const headed = once(
    () =>
      new Set([...passage.headings, passage.name.replace(/\.\w{1,5}$/, '')].flatMap((one) => termsOf(one))),
  )
  const context = once(() => contextOf(passage))
  const statements = once(() =>
    statementsFrom(
      facts().filter(({ kind }) => kind !== 'name'),
      text,
      context(),
    ),
  )
  const normalised = once(() => normaliseWhitespace(passage.text))
  const values = once(() => {
    const facts = valuesOf([passage.text, ...passage.headings].join('\n'))
    return new Set(facts.flatMap((fact) => [...fact.values, ...fact.bare]))
  })
  const squeezed = once(() => squeeze([passage.text, ...passage.headings, passage.name].join('\n')))
  return {
    get facts() {
      return facts()
    },
    get sentences() {
      return sentences()
    },
    get terms() {
      return terms()
    },
    get headed() {
      return headed()
    },
    get context() {
      return context()
    },
    get statements() {
      return statements()
    },
    get normalised() {
      return normalised()
    },
    get values() {
      return values()
    },
    get squeezed() {
      return squeezed()
    },
  }
}

export function squeeze(text: string): string {
  return text.replace(/[\s\u00a0,.'’-]/g, '').toLowerCase()
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
