import { readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { formatFault, parseMission } from '@infrafabric/session'
import type { Context } from '../context.ts'
import { withOverrides } from '../mission-overrides.ts'
import { startAndRun } from '../run-session.ts'
import { UserError } from '../user-error.ts'
import { counted } from '../words-for.ts'

export async function execute(context: Context): Promise<number> {
  const given = context.arguments.words[0]?.text ?? ''
  const { text, path } = await readMission(given, context.folder)
  const parsed = parseMission(text, given)
  if (!parsed.ok) {
    const { faults } = parsed
    const lines = faults.map((fault) => `  ${formatFault(fault)}`)
    throw new UserError(
      `the mission has ${counted(faults.length, 'fault')}; nothing was started\n${lines.join('\n')}`,
    )
  }
  const mission = withOverrides(parsed.mission, context.arguments)
  return startAndRun({ mission, base: dirname(path) }, context)
}

async function readMission(given: string, folder: string): Promise<{ text: string; path: string }> {
  const path = resolve(folder, given)
  try {
    const found = await stat(path)
    const file = found.isDirectory() ? join(path, 'mission.yaml') : path
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)), path: file }
  } catch (error) {
    throw new UserError(`${given}: ${whyUnreadable(error)}`)
  }
}

function whyUnreadable(error: unknown): string {
  if (error instanceof TypeError) return 'is not UTF-8 text; save it as UTF-8'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  switch (code) {
    case 'ENOENT':
      return 'there is no such mission file; check the path, or write one with: infrafabric init'
    case 'EACCES':
    case 'EPERM':
      return 'may not be read; change its permissions'
    default:
      return `cannot be read (${code === '' ? String(error) : code})`
  }
}
