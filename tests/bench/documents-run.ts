import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missionFromQuestion } from '@infrafabric/session'
import { openFabric } from 'infrafabric'

/** `node documents-run.ts DOCUMENTS`: reading, indexing and answering over documents of 10 KB with `extractive`. */
const documents = Number(process.argv[2])
const DOCUMENT_CHARACTERS = 10_240
const folder = mkdtempSync(join(tmpdir(), 'infrafabric-bench-'))
try {
  writeDocuments(join(folder, 'documents'))
  const fabric = await openFabric({ home: join(folder, 'home'), environment: {} })
  const parsed = missionFromQuestion('When is the next inspection of station 417 due?', ['documents'])
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  const started = performance.now()
  const { session } = await fabric.start(parsed.mission, { base: folder })
  const done = await fabric.run(session)
  const ms = performance.now() - started
  const claims = done.tasks.flatMap(({ status }) => (status.is === 'finished' ? status.outcome.claims : []))
  if (!claims.some((claim) => claim.text.includes('station 417'))) throw new Error('the answer is not there')
  await fabric.close()
  process.stdout.write(`${JSON.stringify({ documents, ms, rssMb: process.resourceUsage().maxRSS / 1024 })}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Made-up inspection reports; a small generator keeps the words varied and every run the same. */
function writeDocuments(to: string): void {
  mkdirSync(to)
  const words =
    'valve pump bearing gasket pressure reading corrosion coating sensor cable junction panel filter drain motor shaft seal weld bracket anchor'.split(
      ' ',
    )
  let state = 1
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
  for (let i = 0; i < documents; i++) {
    let text = `# Inspection report of station ${i}\n\nThe next inspection of station ${i} is due on ${1 + (i % 28)} May 2027.\n\n`
    while (text.length < DOCUMENT_CHARACTERS) {
      const sentence = Array.from({ length: 8 + next(10) }, () => words[next(words.length)]).join(' ')
      text += `The ${sentence} was checked at ${next(900)} hours.${next(5) === 0 ? '\n\n' : ' '}`
    }
    writeFileSync(join(to, `station-${String(i).padStart(5, '0')}.md`), text)
  }
}
