import { isJsonObject, isSha256, type Json } from '@infrafabric/protocol'

/** Says what is wrong with a value, as `member: why`; `undefined` when nothing is. */
export type Shape = (value: Json) => string | undefined

export const whole: Shape = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? undefined : 'not a whole number'

export const flag: Shape = (value) => (typeof value === 'boolean' ? undefined : 'neither true nor false')

export const hash: Shape = (value) => (isSha256(value) ? undefined : 'not a SHA-256')

export function text(lengthMax: number): Shape {
  return (value) =>
    typeof value === 'string' && value.length <= lengthMax
      ? undefined
      : `not a text of at most ${lengthMax} characters`
}

export function between(least: number, most: number): Shape {
  return (value) =>
    whole(value) === undefined && Number(value) >= least && Number(value) <= most
      ? undefined
      : `not a whole number from ${least} to ${most}`
}

export function oneOf(...values: string[]): Shape {
  return (value) =>
    typeof value === 'string' && values.includes(value) ? undefined : `not one of ${values.join(', ')}`
}

export function nullable(shape: Shape): Shape {
  return (value) => (value === null ? undefined : shape(value))
}

export function list(shape: Shape, itemsMax: number): Shape {
  return (value) => {
    if (!Array.isArray(value) || value.length > itemsMax) return `not a list of at most ${itemsMax}`
    for (const [at, item] of value.entries()) {
      const fault = shape(item)
      if (fault !== undefined) return `${at}: ${fault}`
    }
    return undefined
  }
}

/** Every value has the shape, whatever its key. */
export function mapping(shape: Shape): Shape {
  return (value) => {
    if (!isJsonObject(value)) return 'not an object'
    for (const item of Object.values(value)) {
      const fault = shape(item)
      if (fault !== undefined) return fault
    }
    return undefined
  }
}

/** Exactly these members; those in `optional` may be missing. */
export function object(required: Record<string, Shape>, optional: Record<string, Shape> = {}): Shape {
  const shapes = new Map([...Object.entries(required), ...Object.entries(optional)])
  const names = Object.keys(required)
  return (value) => {
    if (!isJsonObject(value)) return 'not an object'
    const missing = names.find((name) => !Object.hasOwn(value, name))
    if (missing !== undefined) return `${missing}: missing`
    for (const [name, member] of Object.entries(value)) {
      const shape = shapes.get(name)
      if (shape === undefined) return `"${name.slice(0, 40)}": an unknown member`
      const fault = shape(member)
      if (fault !== undefined) return `${name}: ${fault}`
    }
    return undefined
  }
}
