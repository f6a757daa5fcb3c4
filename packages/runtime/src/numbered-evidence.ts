import { type Passage, type Quote, sentencesOf } from '@infrafabric/evidence'

/** Sentences and rows under consecutive numbers, each with the quote that a number stands for. */
export class NumberedEvidence {
  readonly #quotes: Quote[] = []

  /** Numbers run from 1 to this. */
  get size(): number {
    return this.#quotes.length
  }

  /** A passage for a prompt: where it stands, then its sentences under their numbers. */
  addPassage(passage: Passage): string {
    const lines = [`# ${[passage.name, ...passage.headings].map(oneLine).join(' › ')}${placeOf(passage)}`]
    for (const { start, end } of sentencesOf(passage.text)) {
      const text = passage.text.slice(start, end)
      lines.push(
        `[${this.#add({ source: passage.source, passage: passage.passage, text })}] ${oneLine(text)}`,
      )
    }
    return `${lines.join('\n')}\n`
  }

  /** A quote that another agent's claim already has. */
  addQuote(quote: Quote): string {
    return `[${this.#add(quote)}] ${oneLine(quote.text)}`
  }

  /** Forgets what was added after the numbers reached `size`. */
  truncate(size: number): void {
    this.#quotes.length = size
  }

  /** The quotes behind numbers that a model named; numbers it made up stand for nothing. */
  quotes(numbers: readonly number[]): Quote[] {
    return [...new Set(numbers)].flatMap((number) => this.#quotes[number - 1] ?? [])
  }

  #add(quote: Quote): number {
    this.#quotes.push(quote)
    return this.#quotes.length
  }
}

function placeOf({ place }: Passage): string {
  if (place.page !== undefined) return ` (page ${place.page})`
  return place.line === undefined ? '' : ` (line ${place.line})`
}

/** Evidence cannot open a line of its own in a prompt, nor close the block that it stands in. */
export function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').replaceAll('</', '< /').trim()
}
