import { mutateText, ODD_TEXTS, replaceNumber } from './mutate-text.ts'
import type { Random } from './random.ts'

type Json = null | boolean | number | string | Json[] | { [member: string]: Json }

const ODD_VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e21,
  2 ** 53 - 1,
  2 ** 53,
  5e-324,
  1.7976931348623157e308,
  '',
  '*',
  '0',
  [],
  {},
  [[]],
  [null],
  ['*'],
  { a: 1 },
]

/** One to three changes in the tree: members and items lost, added, renamed, exchanged, or given another value. */
export function mutateJson(random: Random, value: Json, donors: readonly Json[] = []): Json {
  let mutant = structuredClone(value)
  for (let left = 1 + random.below(3); left > 0; left--) {
    const places = placesOf(mutant)
    if (places.length === 0 || random.chance(0.01)) mutant = oddValue(random, mutant, donors)
    else change(random, random.pick(places), donors)
  }
  return mutant
}

interface Place {
  container: Json[] | { [member: string]: Json }
  key: string
}

function placesOf(value: Json): Place[] {
  const places: Place[] = []
  const visit = (container: Json): void => {
    if (typeof container !== 'object' || container === null) return
    for (const key of Object.keys(container)) {
      places.push({ container, key })
      visit(get({ container, key }))
    }
  }
  visit(value)
  return places
}

function get({ container, key }: Place): Json {
  return (Array.isArray(container) ? container[Number(key)] : container[key]) ?? null
}

/** Defined, not assigned, so that `__proto__` becomes a member. */
function set({ container, key }: Place, value: Json): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true })
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) container.splice(Number(key), 1)
  else delete container[key]
}

function change(random: Random, place: Place, donors: readonly Json[]): void {
  const { container, key } = place
  const value = get(place)
  const kind = random.below(9)
  if (kind === 0) remove(place)
  else if (kind === 1) add(random, place, donors)
  else if (kind === 2) {
    const other = { container, key: random.pick(Object.keys(container)) }
    set(place, get(other))
    set(other, value)
  } else if (kind === 3 && Array.isArray(container)) container.push(structuredClone(value))
  else if (kind === 3) {
    remove(place)
    set({ container, key: mutateText(random, key, Object.keys(container)).slice(0, 100) }, value)
  } else if (kind === 4) graft(random, place, donors)
  else set(place, oddValue(random, value, donors))
}

function add(random: Random, place: Place, donors: readonly Json[]): void {
  const { container, key } = place
  const name = Array.isArray(container)
    ? String(container.length)
    : random.pick([...ODD_TEXTS, `${key}x`, 'v'])
  set({ container, key: name }, oddValue(random, get(place), donors))
}

/** The value of another object, if possible of the member of the same name. */
function graft(random: Random, place: Place, donors: readonly Json[]): void {
  const all = placesOf(donors.length > 0 ? random.pick(donors) : place.container)
  const same = all.filter((one) => one.key === place.key)
  const from = same.length > 0 && random.chance(0.7) ? same : all
  if (from.length > 0) set(place, structuredClone(get(random.pick(from))))
}

function oddValue(random: Random, value: Json, donors: readonly Json[]): Json {
  if (random.chance(0.02)) return nested(random)
  if (random.chance(0.3)) return structuredClone(random.pick(ODD_VALUES))
  if (typeof value === 'number') return random.chance(0.5) ? value + random.below(5) - 2 : value * -1
  if (typeof value === 'string') return oddText(random, value, donors)
  if (typeof value === 'boolean') return !value
  if (Array.isArray(value) && value.length > 0) {
    const long = random.chance(0.03) ? 1_100 : 1 + random.below(4)
    return random.chance(0.5) ? [...value].reverse() : [...value, ...Array<Json>(long).fill(value[0] ?? null)]
  }
  return structuredClone(random.pick(ODD_VALUES))
}

function oddText(random: Random, text: string, donors: readonly Json[]): string {
  if (random.chance(0.005))
    return 'x'.repeat(random.pick([201, 513, 2_049, 4_001, 20_001, 65_534, 65_535, 70_000]))
  if (random.chance(0.2)) return replaceNumber(random, text)
  const texts = donors.flatMap((donor) => placesOf(donor).map(get)).filter((one) => typeof one === 'string')
  return mutateText(random, text, texts)
}

function nested(random: Random): Json {
  let value: Json = random.below(9)
  for (let left = random.pick([3, 20, 28, 29, 30, 31, 32, 33, 40, 200]); left > 0; left--) {
    value = random.chance(0.5) ? [value] : { a: value }
  }
  return value
}

/** Changes in how a JSON text is written: members twice, blanks, escapes, other spellings of numbers. */
export function mutateJsonText(random: Random, text: string, donors: readonly string[]): string {
  const at = random.below(text.length + 1)
  switch (random.below(9)) {
    case 0: {
      const members = [
        ...text.matchAll(/"(?:[^"\\]|\\.)*":(?:"(?:[^"\\]|\\.)*"|-?[\d.e+]+|null|true|false)/g),
      ]
      if (members.length === 0) return `${text}\n`
      const { 0: member, index } = random.pick(members)
      const again = random.chance(0.5) ? member : replaceNumber(random, member)
      return random.chance(0.5)
        ? `${text.slice(0, index)}${again},${text.slice(index)}`
        : `${text.slice(0, index + member.length)},${again}${text.slice(index + member.length)}`
    }
    case 1: {
      const marks = [...text.matchAll(/[[\]{},:]/g)]
      const mark = marks.length === 0 ? at : random.pick(marks).index + random.below(2)
      return (
        text.slice(0, mark) + random.pick([' ', '\n', '\t', '\r\n', '\u00a0', '\ufeff']) + text.slice(mark)
      )
    }
    case 2:
      return `${text.slice(0, at)}\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}${text.slice(at + 1)}`
    case 3:
      return text.replaceAll('/', '\\/')
    case 4:
      return `\ufeff${text}`
    case 5:
      return replaceNumber(random, text)
    case 6:
      return text + random.pick(['\n', ' ', '\0', ',', '}', '//', text])
    default:
      return mutateText(random, text, donors)
  }
}
