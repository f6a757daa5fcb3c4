/** Something that must never happen, happened. */
export class Violation extends Error {
  override readonly name = 'Violation'
  readonly rule: string

  constructor(rule: string, detail: string, options: { cause?: unknown } = {}) {
    super(`${rule}: ${detail}`, options)
    this.rule = rule
  }
}
