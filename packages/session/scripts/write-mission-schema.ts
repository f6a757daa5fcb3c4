// Writes docs/mission.schema.json from the schema that missions are parsed with. A test fails when it is old.
import { writeFileSync } from 'node:fs'
import { missionJsonSchema } from '../src/mission-json-schema.ts'

const target = new URL('../../../docs/mission.schema.json', import.meta.url)
writeFileSync(target, `${JSON.stringify(missionJsonSchema(), null, 2)}\n`)
