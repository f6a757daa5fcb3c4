import type { Random } from './random.ts'

const TEXT_LENGTH_MAX = 600_000

/** What parsers, queues, terminals and people take for something else. */
export const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  '\u0001',
  '\n',
  '\r\n',
  '\t',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u200b',
  '\u200f',
  '\u2028',
  '\u202e',
  '\ud800',
  '\udc00',
  '\udc00\ud800',
  '\ufeff',
  '\ufffd',
  '\ufffe',
  '\uffff',
  '\u{10ffff}',
  '\u{1f600}',
  'e\u0301',
  '\u00e9',
  '\u0430', // Cyrillic a
  '\u212a', // Kelvin
  '\u0131', // dotless i
  '\u0660', // Arabic-Indic zero
  '\uff11', // fullwidth one
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../',
  '..%2f',
  '/',
  '\\',
  '"',
  '\\u0000',
  '\\ud800',
  '*',
  'null',
  'true',
  '-0',
  'NaN',
  '0x10',
  '1e999',
]

export const ODD_NUMBERS: readonly string[] = [
  '0',
  '-0',
  '00',
  '01',
  '+1',
  '.5',
  '1.',
  '1.0',
  '1e0',
  '1E2',
  '1e+21',
  '1e21',
  '1e-7',
  '1e400',
  '-1e400',
  '1e-400',
  '-1',
  '0.1',
  '1.5',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '18446744073709551616',
  '123456789012345678901234567890',
  '4.9e-324',
  '5e-324',
  '1.7976931348623157e+308',
  '0x1f',
  '1_000',
  'NaN',
  'Infinity',
]

/** One to three changes of characters; `donors` give pieces to splice in. */
export function mutateText(random: Random, text: string, donors: readonly string[]): string {
  let mutant = text
  for (let left = 1 + random.below(3); left > 0; left--) mutant = changed(random, mutant, donors)
  return mutant.slice(0, TEXT_LENGTH_MAX)
}

function changed(random: Random, text: string, donors: readonly string[]): string {
  const at = random.below(text.length + 1)
  const run = 1 + random.below(random.chance(0.1) ? 400 : 8)
  const before = text.slice(0, at)
  switch (random.below(12)) {
    case 0:
      return before + String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(8))) + text.slice(at + 1)
    case 1:
      return before + String.fromCharCode(32 + random.below(95)) + text.slice(at + 1)
    case 2:
      return before + random.pick(ODD_TEXTS) + text.slice(at + (random.chance(0.5) ? 1 : 0))
    case 3:
      return before + text.slice(at + run)
    case 4:
      return before
    case 5:
      return before + text.slice(at, at + run).repeat(1 + random.below(3)) + text.slice(at)
    case 6: {
      const donor = donors.length > 0 ? random.pick(donors) : text
      const from = random.below(donor.length + 1)
      return before + donor.slice(from, from + 1 + random.below(300)) + text.slice(at)
    }
    case 7: {
      const other = donors.length > 0 ? random.pick(donors) : text
      return before + other.slice(Math.min(at, other.length))
    }
    case 8: {
      const lines = text.split('\n')
      const line = random.below(lines.length)
      const [taken = ''] = lines.splice(line, 1)
      lines.splice(random.below(lines.length + 1), 0, taken, ...(random.chance(0.5) ? [taken] : []))
      return lines.join('\n')
    }
    case 9:
      return replaceNumber(random, text)
    case 10: {
      const size = random.chance(0.02) ? random.below(100_000) : random.below(40)
      return (
        before +
        random.pick(['[', '{"a":', '(', ' ', '\n', 'a', '"', '- ', '€']).repeat(size) +
        text.slice(at)
      )
    }
    default:
      return before + text.slice(at, at + run).toUpperCase() + text.slice(at + run)
  }
}

/** Another spelling in the place of some number of the text. */
export function replaceNumber(random: Random, text: string): string {
  const numbers = [...text.matchAll(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)]
  if (numbers.length === 0) return text + random.pick(ODD_NUMBERS)
  const found = random.pick(numbers)
  const odd = random.chance(0.3) ? `${Number(found[0]) + random.below(3) - 1}` : random.pick(ODD_NUMBERS)
  return text.slice(0, found.index) + odd + text.slice(found.index + found[0].length)
}
