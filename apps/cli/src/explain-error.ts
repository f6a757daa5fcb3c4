import { DriverError, type DriverErrorCode, ModelError, type ModelErrorCode } from '@infrafabric/ports'
import { MoneyError } from '@infrafabric/session'
import { EXIT } from './exit.ts'
import type { Io } from './io.ts'
import { plainText } from './plain-text.ts'
import { UserError } from './user-error.ts'

/** What only the user can put right by typing something else. */
const USAGE_CODES: ReadonlySet<DriverErrorCode | ModelErrorCode> = new Set([
  'not-found',
  'unauthorized',
  'forbidden',
  'invalid-request',
])

/** Shows an error with its remedy and gives the exit code. Only unexpected ones show where they come from. */
export function explainError(error: unknown, io: Io): number {
  if (isAbort(error)) {
    io.say('Stopped before any work began; nothing was spent.\n')
    io.json({ event: 'error', message: 'interrupted before any work began', exitCode: EXIT.interrupted })
    return EXIT.interrupted
  }
  if (error instanceof UserError) return told(error.message, error.exitCode, error, io)
  if (error instanceof DriverError || error instanceof ModelError) {
    return told(error.message, USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.failed, error, io)
  }
  if (error instanceof MoneyError) return told(error.message, EXIT.usage, error, io)
  const message = error instanceof Error ? error.message : String(error)
  const advice =
    'This is a fault of infrafabric itself; nothing that was accepted is lost. Please report it, with what the same command shows under INFRAFABRIC_DEBUG=1.'
  return told(`${message}\n${advice}`, EXIT.failed, error, io)
}

function told(message: string, exitCode: number, error: unknown, io: Io): number {
  io.fail(plainText(message), exitCode)
  if (io.environment.INFRAFABRIC_DEBUG) io.say(`${plainText(inspect(error))}\n`)
  return exitCode
}

function inspect(error: unknown): string {
  const parts: string[] = []
  for (let at = error; at instanceof Error && parts.length < 5; at = at.cause)
    parts.push(at.stack ?? at.message)
  return parts.join('\ncaused by: ')
}

/** Ctrl-C while evidence was read or a model was looked up: a session that has begun stops in its own way. */
function isAbort(error: unknown): boolean {
  if (error instanceof ModelError) return error.code === 'aborted'
  return error instanceof Error && error.name === 'AbortError'
}
