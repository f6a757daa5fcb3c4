import { didYouMean } from '@infrafabric/session'
import type { Context } from './context.ts'
import { type Fabric, openFabric } from './fabric.ts'
import { UserError } from './user-error.ts'

const SHOWN_MAX = 10

/** The session that a beginning of its name means. Throws UserError when it means none or several. */
export async function findSession(fabric: Pick<Fabric, 'list' | 'home'>, given: string): Promise<string> {
  const wanted = given.replace(/^if:\/\/session\//, '')
  const names = (await fabric.list()).map(({ session }) => session)
  if (names.includes(wanted)) return wanted
  const matches = names.filter((name) => name.startsWith(wanted))
  const [match] = matches
  if (match !== undefined && matches.length === 1) return match
  if (matches.length > 1) {
    const more = matches.length > SHOWN_MAX ? `, and ${matches.length - SHOWN_MAX} more` : ''
    throw new UserError(
      `${JSON.stringify(given)} begins ${matches.length} sessions: ${matches.slice(0, SHOWN_MAX).join(', ')}${more}; type more of the name`,
    )
  }
  const hint = didYouMean(wanted, candidates(names, wanted.length))
  throw new UserError(
    `there is no session ${JSON.stringify(given)} in ${fabric.home}${hint || '; see infrafabric list'}`,
  )
}

/** Names in full, and cut to the length of what was typed: that may be a beginning with a slip in it. */
function candidates(names: readonly string[], length: number): string[] {
  return [...names, ...names.map((name) => name.slice(0, length))]
}

/** Opens the home for reading, finds the session that the first word names, and closes the home again. */
export async function readSession(
  context: Context,
  read: (fabric: Fabric, session: string) => Promise<number>,
): Promise<number> {
  const fabric = await openForReading(context)
  try {
    return await read(fabric, await findSession(fabric, context.arguments.words[0]?.text ?? ''))
  } finally {
    await fabric.close()
  }
}

export function openForReading(context: Context): Promise<Fabric> {
  const { environment, home } = context
  return openFabric({ environment, readOnly: true, ...(home === undefined ? {} : { home }) })
}
