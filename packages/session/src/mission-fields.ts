import { z } from 'zod'
import { DURATION_PATTERN, formatDuration, parseDuration } from './duration.ts'
import { describe, quoted } from './fault.ts'
import { KEBAB_PATTERN } from './mission.ts'
import { MoneyError, parseUsd } from './money.ts'

const DOLLARS_MAX = 1_000_000
const MICROS_MAX = DOLLARS_MAX * 1_000_000
/** Longest amount or duration that is looked at. */
const FIGURE_CHARACTERS_MAX = 40

export type Explain = (issue: { input?: unknown }) => string

/** What a value must be, and what it is; `is missing` and `is empty` name the remedy too. */
export function must(be: string): Explain {
  return ({ input }) => {
    if (input === undefined) return `is missing; it must be ${be}`
    if (input === null) return `is empty; it must be ${be}`
    return `must be ${be}, is ${describe(input)}`
  }
}

/** 20000 as `20,000`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

export function wholeNumber(least: number, most: number) {
  const range = `from ${grouped(least)} to ${grouped(most)}`
  const outside: Explain = ({ input }) => `must be ${range}, is ${describe(input)}`
  return z
    .int({ error: must(`a whole number ${range}`) })
    .min(least, { error: outside })
    .max(most, { error: outside })
}

export function text(charactersMax: number, be: string, options: { lines: boolean }) {
  const explain: Explain = (issue) => {
    const quotes = typeof issue.input === 'number' || typeof issue.input === 'boolean'
    return must(be)(issue) + (quotes ? '; put it in quotes' : '')
  }
  return z
    .string({ error: explain })
    .min(1, { error: `is empty; it must be ${be}` })
    .max(charactersMax, {
      error: ({ input }) =>
        `must be at most ${grouped(charactersMax)} characters, is ${grouped(String(input).length)}; shorten it`,
    })
    .superRefine((value, context) => {
      if (value === '') return
      const fault = unprintable(value, options.lines)
      if (fault !== null) context.addIssue({ code: 'custom', message: fault })
      else if (value.trim() === '')
        context.addIssue({ code: 'custom', message: `is blank; it must be ${be}` })
    })
}

const CONTROLS = /(?![\n\t])\p{Cc}|[\uFFFE\uFFFF]/u
const CONTROLS_AND_LINES = /\p{Cc}|[\uFFFE\uFFFF]/u

/** What keeps a text from being passed on unchanged, by queues and to terminals; null when nothing does. */
function unprintable(value: string, lines: boolean): string | null {
  if (!value.isWellFormed()) return 'has half of a surrogate pair, which is not Unicode text; remove it'
  if (value.includes('\uFFFD')) return 'has a character that was not UTF-8 (U+FFFD); save the file as UTF-8'
  const match = (lines ? CONTROLS : CONTROLS_AND_LINES).exec(value)
  return match === null ? null : `has the control character ${quoted(match[0])}; remove it`
}

const KEBAB = new RegExp(KEBAB_PATTERN)

export function slug(value: string, charactersMax: number): string {
  const plain = value
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^a-z0-9]+/g, '-')
  return plain
    .slice(0, charactersMax + 1)
    .replace(/^-/, '')
    .slice(0, charactersMax)
    .replace(/-$/, '')
}

export function kebab(charactersMax: number, be: string) {
  return text(charactersMax, be, { lines: false })
    .superRefine((value, context) => {
      if (value === '' || value.length > charactersMax || KEBAB.test(value)) return
      const better = slug(value, charactersMax)
      const remedy = better === '' ? '' : `; write ${better}`
      const message = `must be lower-case letters, digits and single hyphens, is ${quoted(value)}${remedy}`
      context.addIssue({ code: 'custom', message })
    })
    .meta({ pattern: KEBAB_PATTERN })
}

/** US dollars in the file, integer micro-dollars in the mission. */
export function dollars(be: string, least: 'zero' | 'more than zero') {
  // For editors only: the check below says more.
  const limits = { [least === 'zero' ? 'minimum' : 'exclusiveMinimum']: 0, maximum: DOLLARS_MAX }
  const number = z.number().meta(limits)
  return z
    .union([number, z.string().meta({ pattern: String.raw`^\$?\d+(\.\d{1,6})?$` })], { error: must(be) })
    .transform((amount, context) => {
      const refuse = (message: string) => {
        context.addIssue({ code: 'custom', message })
        return z.NEVER
      }
      if (String(amount).length > FIGURE_CHARACTERS_MAX) return refuse(must(be)({ input: amount }))
      if (/^\s*(-|\$\s*-)/.test(String(amount))) return refuse(`must not be negative, is ${describe(amount)}`)
      try {
        const micros = parseUsd(amount)
        if (micros > MICROS_MAX)
          return refuse(`must be at most ${grouped(DOLLARS_MAX)}, is ${describe(amount)}`)
        if (micros > 0 || least === 'zero') return micros
        return refuse(`must be more than 0, is ${describe(amount)}`)
      } catch (error) {
        if (error instanceof MoneyError) return refuse(error.message)
        throw error
      }
    })
}

/** With units in the file, milliseconds in the mission. */
export function duration(least: number, most: number, example: string) {
  const range = `from ${formatDuration(least)} to ${formatDuration(most)}`
  const be = `a duration with its units (d, h, m, s, ms), such as ${example}`
  const explain: Explain = (issue) => {
    const { input } = issue
    const bare = typeof input === 'number' && Number.isInteger(input) && input > 0
    return must(be)(issue) + (bare ? `; write ${input}s for seconds or ${input}m for minutes` : '')
  }
  return z
    .string({ error: explain })
    .meta({ pattern: DURATION_PATTERN })
    .transform((value, context) => {
      const milliseconds = value.length > FIGURE_CHARACTERS_MAX ? null : parseDuration(value)
      if (milliseconds !== null && milliseconds >= least && milliseconds <= most) return milliseconds
      const bare = /^\d{1,9}$/.test(value) ? Number(value) : value
      const message = milliseconds === null ? explain({ input: bare }) : `must be ${range}, is ${value}`
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    })
}
