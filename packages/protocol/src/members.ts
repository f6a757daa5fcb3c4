import type { Json, JsonObject } from './json.ts'

/** Whether the object has these members and no other. */
export function hasExactly(value: JsonObject, members: readonly string[]): boolean {
  if (Object.keys(value).length !== members.length) return false
  return members.every((member) => Object.hasOwn(value, member))
}

/** A whole number from 0 to 2^53 - 1. */
export function isWhole(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
