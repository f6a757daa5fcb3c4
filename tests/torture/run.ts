// npm run torture -- --kills N [--seed S] [--lanes L]
import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'
import { Tree } from '../planted/tree.ts'
import { killSessions } from './kill-sessions.ts'
import { readOptions } from './options.ts'

const { kills, seed, lanes } = readOptions({ kills: 100, seed: 1, lanes: availableParallelism() })
const tree = Tree.copy()
try {
  tree.build()
  const library = (await import(pathToFileURL(tree.library).href)) as typeof import('infrafabric')
  const { tally, faults, tookMs } = await killSessions(
    { command: tree.command, library },
    { kills, seed, lanes },
  )
  for (const fault of faults) process.stdout.write(`FAULT ${fault}\n`)
  process.stdout.write(
    `${JSON.stringify({ torture: 'kill -9', seed, ...tally, faults: faults.length, seconds: Math.round(tookMs / 1000) })}\n`,
  )
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  tree.remove()
}
