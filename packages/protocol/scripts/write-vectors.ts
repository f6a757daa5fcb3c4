import { writeFileSync } from 'node:fs'
import { vectorFiles, writeVectors } from './vectors.ts'

// Run it after a deliberate change of the protocol: npm run vectors -w @infrafabric/protocol
for (const [name, value] of Object.entries(vectorFiles())) {
  writeFileSync(new URL(`../../../docs/protocol/vectors/${name}`, import.meta.url), writeVectors(value))
}
