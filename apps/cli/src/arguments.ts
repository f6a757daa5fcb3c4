import { parseArgs } from 'node:util'

export interface OptionSpec {
  /** What stands for the value in help; a flag has none. */
  value?: string
  short?: string
  /** May be given more than once; words right after its value belong to it too. */
  many?: boolean
  about: string
}

/** A word that is no option. */
export interface Argument {
  text: string
  /** The option that takes many values and stands right before it. */
  after: string | null
}

export interface Arguments {
  words: Argument[]
  has(option: string): boolean
  /** The option's value. */
  text(option: string): string | undefined
  /** All values of an option that may be given more than once. */
  texts(option: string): string[]
}

export type ArgumentsParsed = ({ ok: true } & Arguments) | { ok: false; fault: string; unknown?: string }

/** Reads what was typed after the command. `unknown` is the name of an option that there is not. */
export function parseArguments(
  argv: readonly string[],
  specs: Readonly<Record<string, OptionSpec>>,
): ArgumentsParsed {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { value, short }]) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        multiple: true,
        ...(short && { short }),
      },
    ]),
  )
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const words: Argument[] = []
  const given = new Map<string, string[]>()
  let open: string | null = null
  for (const token of tokens) {
    if (token.kind === 'positional') {
      words.push({ text: token.value, after: open })
      continue
    }
    open = null
    if (token.kind !== 'option') continue
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined
    if (spec === undefined) {
      return { ok: false, fault: `there is no option ${token.rawName}`, unknown: token.name }
    }
    const value = token.value ?? ''
    if (spec.value === undefined) {
      if (token.inlineValue === true)
        return { ok: false, fault: `--${token.name} takes no value; leave out ${JSON.stringify(value)}` }
    } else if (value === '' || (token.inlineValue === false && /^--?[a-z]/i.test(value))) {
      return { ok: false, fault: `--${token.name} needs a value: --${token.name} ${spec.value}` }
    }
    const values = given.get(token.name) ?? []
    if (values.length > 0 && spec.many !== true && spec.value !== undefined)
      return { ok: false, fault: `--${token.name} is given twice; leave out one of them` }
    given.set(token.name, [...values, value])
    if (spec.many === true) open = token.name
  }
  return {
    ok: true,
    words,
    has: (option) => given.has(option),
    text: (option) => given.get(option)?.[0],
    texts: (option) => given.get(option) ?? [],
  }
}
