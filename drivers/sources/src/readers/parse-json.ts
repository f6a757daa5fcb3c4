import { DATA_DEPTH_MAX, type DataNode } from './data-node.ts'

/**
 * JSON with lines. JSON.parse gives neither the place of a value nor the digits of a figure as written.
 * Throws SyntaxError. @param firstLine number of the text's first line in its source
 */
export function parseJson(text: string, firstLine = 1): DataNode {
  return new JsonText(text, firstLine).document()
}

class JsonText {
  readonly #text: string
  #at = 0
  #line: number

  constructor(text: string, firstLine: number) {
    this.#text = text
    this.#line = firstLine
  }

  document(): DataNode {
    const node = this.#value(0)
    this.#space()
    if (this.#at < this.#text.length) throw this.#fault()
    return node
  }

  #value(depth: number): DataNode {
    if (depth > DATA_DEPTH_MAX)
      throw new SyntaxError(`is nested more than ${DATA_DEPTH_MAX} deep, at line ${this.#line}`)
    this.#space()
    const line = this.#line
    const first = this.#text[this.#at]
    if (first === '{') return { is: 'map', entries: this.#members('}', () => this.#entry(depth)), line }
    if (first === '[') return { is: 'list', items: this.#members(']', () => this.#value(depth + 1)), line }
    if (first === '"') return { is: 'value', text: this.#string(), line }
    const word = this.#match(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y)
    return { is: 'value', text: word === 'null' ? '' : word, line }
  }

  #entry(depth: number): { key: string; value: DataNode } {
    this.#space()
    const key = this.#string()
    this.#space()
    this.#match(/:/y)
    return { key, value: this.#value(depth + 1) }
  }

  #members<T>(end: string, member: () => T): T[] {
    const members: T[] = []
    this.#at++
    this.#space()
    if (this.#text[this.#at] === end) {
      this.#at++
      return members
    }
    for (;;) {
      members.push(member())
      this.#space()
      const next = this.#text[this.#at]
      if (next !== ',' && next !== end) throw this.#fault()
      this.#at++
      if (next === end) return members
    }
  }

  #string(): string {
    const literal = this.#match(/"[^"\\\n]*(?:\\.[^"\\\n]*)*"/y)
    const text: unknown = JSON.parse(literal)
    return typeof text === 'string' ? text.toWellFormed().replaceAll('\0', '') : ''
  }

  #space(): void {
    for (
      let code = this.#text.charCodeAt(this.#at);
      code === 32 || code === 9 || code === 10;
      code = this.#text.charCodeAt(this.#at)
    ) {
      if (code === 10) this.#line++
      this.#at++
    }
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)?.[0]
    if (match === undefined) throw this.#fault()
    this.#at += match.length
    return match
  }

  #fault(): SyntaxError {
    const found = this.#text[this.#at]
    return new SyntaxError(
      `is not valid JSON at line ${this.#line}: ${found === undefined ? 'it ends too soon' : `unexpected ${JSON.stringify(found)}`}`,
    )
  }
}
