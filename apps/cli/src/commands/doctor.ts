import { resolve } from 'node:path'
import { defaultHome } from '../compose.ts'
import type { Context } from '../context.ts'
import { checkClock, checkDisk, checkHome, checkModels, checkNode, type Finding } from '../diagnose.ts'
import { EXIT } from '../exit.ts'
import { plainText } from '../plain-text.ts'

export async function execute(context: Context): Promise<number> {
  const { io, environment, folder } = context
  const home = resolve(folder, context.home ?? defaultHome(environment, folder))
  const findings: Finding[] = [
    checkNode(process.versions.node),
    await checkHome(home),
    await checkDisk(home),
    await checkClock(home, Date.now()),
    ...(await checkModels(environment, home)),
  ]
  const { paintOut: paint } = io
  for (const finding of findings) {
    io.json(finding)
    const mark = { good: paint('green', '✓'), bad: paint('red', '✗'), note: paint('dim', '–') }[finding.is]
    io.out(`${mark} ${finding.subject}: ${plainText(finding.found)}\n`)
    if (finding.remedy !== null) io.out(`    ${plainText(finding.remedy)}\n`)
  }
  const bad = findings.filter(({ is }) => is === 'bad').length
  io.out(
    bad === 0 ? '\nReady.\n' : `\n${bad === 1 ? 'One thing has' : `${bad} things have`} to be put right.\n`,
  )
  return bad === 0 ? EXIT.done : EXIT.failed
}
