import { writeFileSync } from 'node:fs'
import { vectorFiles, writeVectors } from './vectors.ts'

// Run it after a deliberate change of the protocol: node packages/protocol/scripts/write-vectors.ts
for (const [name, value] of Object.entries(vectorFiles())) {
  writeFileSync(new URL(`../../../docs/protocol/vectors/${name}`, import.meta.url), writeVectors(value))
}
