import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { EXIT } from '../exit.ts'
import { MISSION_TEMPLATE } from '../mission-template.ts'
import { UserError } from '../user-error.ts'

const NAME = 'mission.yaml'

export async function execute({ io, folder }: Context): Promise<number> {
  const path = join(folder, NAME)
  try {
    await writeFile(path, MISSION_TEMPLATE, { flag: 'wx' })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'EEXIST')
      throw new UserError(`${NAME} is there already and was not touched; move it away first`)
    if (code !== '') throw new UserError(`${path} cannot be written (${code}); try another folder`, 1)
    throw error
  }
  io.out(`Wrote ${NAME}. Say in it what you want to know, then: infrafabric run ${NAME}\n`)
  io.json({ event: 'written', path })
  return EXIT.done
}
