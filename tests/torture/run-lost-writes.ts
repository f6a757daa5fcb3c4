// npm run torture:lost-writes -- --trials N [--seed S] [--lanes L]
import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'
import { Tree } from '../planted/tree.ts'
import { loseWrites } from './lose-writes.ts'
import { readOptions } from './options.ts'
import { compilePowerLibrary } from './power-library.ts'

const { trials, seed, lanes } = readOptions({ trials: 50, seed: 1, lanes: availableParallelism() })
const tree = Tree.copy()
try {
  const compiled = compilePowerLibrary(tree.root)
  if ('missing' in compiled) process.stdout.write(`skipped: lost writes (${compiled.missing})\n`)
  else {
    tree.build()
    const library = (await import(pathToFileURL(tree.library).href)) as typeof import('infrafabric')
    const tools = { command: tree.command, library }
    const { tally, faults, tookMs } = await loseWrites(tools, { trials, seed, lanes, library: compiled.path })
    for (const fault of faults) process.stdout.write(`FAULT ${fault}\n`)
    process.stdout.write(
      `${JSON.stringify({ torture: 'lost writes', seed, ...tally, faults: faults.length, seconds: Math.round(tookMs / 1000) })}\n`,
    )
    process.exitCode = faults.length === 0 ? 0 : 1
  }
} finally {
  tree.remove()
}
