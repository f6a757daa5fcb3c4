export { isJsonObject, type Json, type JsonObject } from './json.ts'
export type { Sha256 } from './hash.ts'
