// Agents that are plain functions: counts the words of every document in parallel, then adds them up.
// Run it from the repository: npm ci && npm run example:functions
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFabric } from 'infrafabric'

const fabric = await openFabric({ home: mkdtempSync(join(tmpdir(), 'word-count-')) })

const { session } = await fabric.start(
  {
    mission: 'word-count',
    objective: 'How many words do the documents have?',
    evidence: '../navidocs/documents',
    tasks: [
      { id: 'safety', question: 'safety' },
      { id: 'marina', question: 'marina' },
      { id: 'total', question: 'total', needs: ['safety', 'marina'] },
    ],
  },
  {
    base: import.meta.dirname,
    agents: {
      worker(brief, tools) {
        if (brief.question === 'total') {
          return { words: brief.inputs.reduce((sum, input) => sum + Number(input.outcome?.data), 0) }
        }
        const folder = `/${brief.question}/`
        const documents = tools.documents().filter((document) => document.name.includes(folder))
        return documents.flatMap(({ blocks }) => blocks.flatMap(({ text }) => text.split(/\s+/))).length
      },
    },
  },
)

const done = await fabric.run(session)
const total = done.tasksById.get('total')?.status
console.log(total?.is === 'finished' ? total.outcome.data : total)
await fabric.close()
