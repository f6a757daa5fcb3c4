// npm run torture:controls [-- --kills N --trials N --duels N]: what each harness must see, it sees.
import { pathToFileURL } from 'node:url'
import { Tree } from '../planted/tree.ts'
import { CONTROLS, WITHOUT_LOCK } from './controls.ts'
import { duel } from './duel.ts'
import { killSessions } from './kill-sessions.ts'
import { loseWrites } from './lose-writes.ts'
import { readOptions } from './options.ts'
import { compilePowerLibrary } from './power-library.ts'

const limits = readOptions({ kills: 100, trials: 60, duels: 20, seed: 1, lanes: 2 })
const { seed, lanes } = limits
const sound = Tree.copy()
const broken = Tree.copy()
let blind = 0
try {
  const compiled = compilePowerLibrary(sound.root)
  sound.build()
  const library = (await import(pathToFileURL(sound.library).href)) as typeof import('infrafabric')
  const tools = { command: broken.command, library }
  broken.plant([WITHOUT_LOCK])
  broken.build()
  const fair = await duel(tools, { duels: limits.duels, seed })
  broken.restore()
  blind += fair.faults.length
  tell('two coordinators, the lock taken out: the fence holds', fair.faults.length === 0, {
    duels: fair.duels,
    fenced: fair.fenced,
    first: fair.faults[0],
  })
  for (const { name, harness, patches } of CONTROLS) {
    if (harness === 'lost writes' && 'missing' in compiled) {
      process.stdout.write(`skipped: ${name} (${compiled.missing})\n`)
      continue
    }
    broken.plant(harness === 'two coordinators' ? [WITHOUT_LOCK, ...patches] : patches)
    broken.build()
    const faults = await seen(harness)
    broken.restore()
    if (faults.length === 0) blind++
    tell(`${harness}: ${name}`, faults.length > 0, { first: faults[0]?.slice(0, 200) })
  }

  async function seen(harness: (typeof CONTROLS)[number]['harness']): Promise<string[]> {
    // A command that is broken even when nobody disturbs it rejects here: that would prove nothing.
    const stop = { seed, lanes, stopAtFault: true }
    if (harness === 'kill -9') return (await killSessions(tools, { kills: limits.kills, ...stop })).faults
    if (harness === 'two coordinators') return (await duel(tools, { duels: limits.duels, ...stop })).faults
    if ('missing' in compiled) return []
    return (await loseWrites(tools, { trials: limits.trials, library: compiled.path, ...stop })).faults
  }
} finally {
  sound.remove()
  broken.remove()
}
process.exitCode = blind === 0 ? 0 : 1

function tell(what: string, good: boolean, more: object): void {
  process.stdout.write(`${good ? 'ok  ' : 'FAIL'}  ${what}  ${JSON.stringify(more)}\n`)
}
