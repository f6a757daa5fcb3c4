import type { Json } from './json.ts'
import { ProtocolError } from './protocol-error.ts'
import { fitsBytes } from './utf8.ts'

/** Arrays and objects within one another; `[]` has depth 1. */
export const DEPTH_MAX = 32
/** Default limit of `parseCanonical`. */
export const CANONICAL_BYTES_MAX = 16 * 1024 * 1024

export interface CanonicalLimits {
  bytesMax?: number
  /** At most DEPTH_MAX. */
  depthMax?: number
}

export type ParsedCanonical =
  | { ok: true; value: Json }
  | { ok: false; code: 'too-large' | 'not-canonical'; detail: string }

/**
 * The one text of a value by RFC 8785 (JSON Canonicalization Scheme). Throws ProtocolError for what has none: a
 * number that is not finite, a lone surrogate, anything that is not JSON, nesting deeper than `depthMax`.
 */
export function canonicalize(value: Json, depthMax: number = DEPTH_MAX): string {
  // Whatever the order of its members, a value without a canonical text is refused in one of the two.
  return isInOrder(value, depthMax) ? JSON.stringify(value) : write(value, depthMax)
}

/**
 * Whether JSON.stringify writes the value's canonical text: members in their order everywhere, and nothing that
 * writes itself. Throws for what has no canonical text, unless something out of order comes first.
 */
function isInOrder(value: Json, depthLeft: number): boolean {
  switch (typeof value) {
    case 'string':
      checkText(value)
      return true
    case 'number':
      checkNumber(value)
      return true
    case 'boolean':
      return true
    case 'object': {
      if (value === null) return true
      if (depthLeft === 0) throw tooDeep()
      const prototype = Object.getPrototypeOf(value)
      if (Array.isArray(value)) {
        if (prototype !== Array.prototype) return false
        for (let at = 0; at < value.length; at++) {
          if (!isInOrder(value[at] as Json, depthLeft - 1)) return false
        }
        return true
      }
      if (prototype !== Object.prototype && prototype !== null) return false
      let before = ''
      for (const member of Object.keys(value)) {
        if (member < before) return false
        checkText(member)
        before = member
        if (!isInOrder(value[member] as Json, depthLeft - 1)) return false
      }
      return true
    }
    default:
      throw notJson(value)
  }
}

function write(value: Json, depthLeft: number): string {
  switch (typeof value) {
    case 'string':
      return writeString(value)
    case 'number':
      checkNumber(value)
      // Adding 0 turns -0 into 0; RFC 8785 writes numbers as ECMAScript does.
      return `${value + 0}`
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (depthLeft === 0) throw tooDeep()
      return Array.isArray(value) ? writeArray(value, depthLeft - 1) : writeObject(value, depthLeft - 1)
    default:
      throw notJson(value)
  }
}

function writeString(text: string): string {
  checkText(text)
  // For well-formed text, JSON.stringify escapes exactly what RFC 8785, section 3.2.2.2, asks for.
  return JSON.stringify(text)
}

function checkText(text: string): void {
  if (!text.isWellFormed()) throw new ProtocolError('not-canonical', 'a text contains a lone surrogate')
}

function checkNumber(value: number): void {
  if (!Number.isFinite(value)) throw new ProtocolError('not-canonical', `${value} is not a JSON number`)
}

function tooDeep(): ProtocolError {
  return new ProtocolError('not-canonical', 'nested too deep')
}

function notJson(value: unknown): ProtocolError {
  return new ProtocolError('not-canonical', `a value of type ${typeof value} is not JSON`)
}

function writeArray(items: readonly Json[], depthLeft: number): string {
  let text = '['
  for (let at = 0; at < items.length; at++) {
    if (at > 0) text += ','
    // A hole reads as undefined, which `write` refuses.
    text += write(items[at] as Json, depthLeft)
  }
  return `${text}]`
}

function writeObject(value: { [member: string]: Json }, depthLeft: number): string {
  // A Date or a Map would otherwise become {} without a word.
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new ProtocolError('not-canonical', 'an object is not plain')
  }
  const members = sorted(Object.keys(value))
  let text = '{'
  for (const member of members) {
    if (text.length > 1) text += ','
    text += `${writeString(member)}:${write(value[member] as Json, depthLeft)}`
  }
  return `${text}}`
}

/** By UTF-16 code units, which is what `<` and `sort` compare. What was canonical text is sorted already. */
function sorted(members: string[]): string[] {
  for (let at = 1; at < members.length; at++) {
    if ((members[at - 1] ?? '') > (members[at] ?? '')) return members.sort()
  }
  return members
}

/**
 * Reads text that is its own canonical form, and nothing else: repeated members, blanks, other escapes, numbers
 * that a double cannot hold and lone surrogates all make the text differ. Never throws.
 */
export function parseCanonical(text: string, limits: CanonicalLimits = {}): ParsedCanonical {
  const bytesMax = limits.bytesMax ?? CANONICAL_BYTES_MAX
  if (!fitsBytes(text, bytesMax)) {
    return { ok: false, code: 'too-large', detail: `more than ${bytesMax} bytes` }
  }
  try {
    const value: Json = JSON.parse(text)
    if (canonicalize(value, Math.min(limits.depthMax ?? DEPTH_MAX, DEPTH_MAX)) === text) {
      return { ok: true, value }
    }
    return { ok: false, code: 'not-canonical', detail: 'the text differs from its canonical form' }
  } catch (error) {
    if (error instanceof ProtocolError) return { ok: false, code: 'not-canonical', detail: error.message }
    if (error instanceof SyntaxError)
      return { ok: false, code: 'not-canonical', detail: 'the text is not JSON' }
    throw error
  }
}
