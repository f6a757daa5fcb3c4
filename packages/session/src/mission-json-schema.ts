import { z } from 'zod'
import { missionSchema } from './mission-schema.ts'

/** The JSON Schema (2020-12) of a mission file, for editors. Rules between fields are beyond it. */
export function missionJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(missionSchema, { io: 'input', override: ({ jsonSchema }) => widen(jsonSchema) })
}

/** Offers the short form beside the long one. */
function widen(schema: Record<string, unknown>): void {
  const { shortForm, description, default: _, ...long } = schema
  if (shortForm === undefined) return
  for (const key of Object.keys(schema)) delete schema[key]
  Object.assign(schema, { description, anyOf: [shortForm, long] })
}
