/** The part of JSON Schema that node-llama-cpp turns into a grammar. */
export type GrammarSchema = { readonly [keyword: string]: unknown }

const KEPT: ReadonlySet<string> = new Set([
  'type',
  'enum',
  'const',
  'format',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'additionalProperties',
  'description',
])
const FORMATS: ReadonlySet<unknown> = new Set(['date-time', 'time', 'date'])

/**
 * A small model may go on for ever, and a token limit then cuts its JSON: so what has no bound gets one, far above
 * what an answer needs.
 */
const CHARACTERS_MAX = 1_000
const ITEMS_MAX = 16

/** Leaves out what a grammar cannot say (number ranges, patterns); whoever asked for the object checks it anyway. */
export function toGrammarSchema(schema: unknown): GrammarSchema {
  if (!isRecord(schema)) return {}
  const kept = Object.entries(schema).filter(
    ([keyword, value]) => KEPT.has(keyword) && (keyword !== 'format' || FORMATS.has(value)),
  )
  const choices = schema.oneOf ?? schema.anyOf
  const { items, properties, type } = schema
  return {
    ...(type === 'string' &&
      schema.enum === undefined &&
      schema.format === undefined && { maxLength: CHARACTERS_MAX }),
    ...(type === 'array' && { maxItems: ITEMS_MAX }),
    ...Object.fromEntries(kept),
    ...(isRecord(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, value]) => [key, toGrammarSchema(value)]),
      ),
    }),
    ...(isRecord(items) && { items: toGrammarSchema(items) }),
    ...(Array.isArray(choices) && { oneOf: choices.map(toGrammarSchema) }),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
