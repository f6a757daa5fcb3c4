import type { Arguments } from './arguments.ts'
import type { Io } from './io.ts'

/** All that a command may know of the world. */
export interface Context {
  io: Io
  environment: Readonly<Record<string, string | undefined>>
  /** The working directory. */
  folder: string
  /** As given by `--home`; undefined: the default. */
  home: string | undefined
  json: boolean
  arguments: Arguments
}
