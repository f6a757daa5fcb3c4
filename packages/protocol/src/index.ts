export type { Json, JsonObject } from './json.ts'
export type { Sha256 } from './hash.ts'
