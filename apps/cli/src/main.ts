import manifest from '../package.json' with { type: 'json' }
import { type Argument, parseArguments } from './arguments.ts'
import { COMMANDS, type CommandSpec, GLOBAL_OPTIONS } from './command-specs.ts'
import type { Context } from './context.ts'
import { EXIT } from './exit.ts'
import { createIo, type Io } from './io.ts'

// Nothing heavy is imported here: `--help` and `--version` must start as fast as Node.js itself does.

/** Runs one command and sets the exit code. @param argv what follows the command's name */
export async function main(argv: readonly string[]): Promise<void> {
  const io = createIo(process, argv.includes('--json'))
  process.exitCode = await runCommand(argv, io)
}

async function runCommand(argv: readonly string[], io: Io): Promise<number> {
  const { leading, name, rest, wants } = splitCommand(argv)
  if (wants === 'version') {
    io.out(`${manifest.version}\n`)
    return EXIT.done
  }
  if (wants === 'help' || name === undefined) return showGeneralHelp(io, wants === 'help')
  if (name === 'help') return showHelpOf(rest[0], io)
  const spec = COMMANDS.find((command) => command.name === name)
  if (spec === undefined) return refuse(io, await unknownCommand(name))
  if (isHelpWanted(rest)) return showHelpOf(name, io)
  const options = { ...spec.options, ...GLOBAL_OPTIONS }
  const parsed = parseArguments([...leading, ...rest], options)
  if (!parsed.ok) {
    const hint =
      parsed.unknown === undefined
        ? ''
        : await hintFor(
            `--${parsed.unknown}`,
            Object.keys(options).map((name) => `--${name}`),
          )
    return refuse(io, `${parsed.fault}${hint}`, spec)
  }
  const fault = countFault(spec, parsed.words)
  if (fault !== null) return refuse(io, fault, spec)
  const { environment } = io
  const context: Context = {
    io,
    environment,
    folder: process.cwd(),
    home: parsed.text('home'),
    json: parsed.has('json'),
    arguments: parsed,
  }
  try {
    const { execute } = await spec.load()
    return await execute(context)
  } catch (error) {
    const { explainError } = await import('./explain-error.ts')
    return explainError(error, io)
  }
}

interface Split {
  /** Global options before the command. */
  leading: string[]
  name: string | undefined
  rest: string[]
  wants: 'help' | 'version' | null
}

function splitCommand(argv: readonly string[]): Split {
  const leading: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (word === '--help' || word === '-h') return { leading, name: undefined, rest: [], wants: 'help' }
    if (word === '--version' || word === '-V') return { leading, name: undefined, rest: [], wants: 'version' }
    if (!word.startsWith('-')) return { leading, name: word, rest: argv.slice(at + 1), wants: null }
    leading.push(word)
    if (word === '--home' && at + 1 < argv.length) leading.push(argv[++at] ?? '')
  }
  return { leading, name: undefined, rest: [], wants: null }
}

function isHelpWanted(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  const before = end < 0 ? words : words.slice(0, end)
  return before.includes('--help') || before.includes('-h')
}

async function showGeneralHelp(io: Io, asked: boolean): Promise<number> {
  const { generalHelp } = await import('./help.ts')
  if (asked) io.out(generalHelp(manifest.version))
  else io.say(generalHelp(manifest.version))
  return asked ? EXIT.done : EXIT.usage
}

async function showHelpOf(name: string | undefined, io: Io): Promise<number> {
  if (name === undefined) return showGeneralHelp(io, true)
  const spec = COMMANDS.find((command) => command.name === name)
  if (spec === undefined) return refuse(io, await unknownCommand(name))
  const { commandHelp } = await import('./help.ts')
  io.out(commandHelp(spec))
  return EXIT.done
}

async function unknownCommand(name: string): Promise<string> {
  const hint = await hintFor(
    name,
    COMMANDS.map((command) => command.name),
  )
  return `there is no command ${JSON.stringify(name)}${hint}`
}

async function hintFor(word: string, known: string[]): Promise<string> {
  const { didYouMean } = await import('@infrafabric/session')
  return didYouMean(word, known)
}

function refuse(io: Io, fault: string, spec?: CommandSpec): number {
  const what = spec === undefined ? 'infrafabric' : `infrafabric ${spec.name}`
  io.fail(`${what}: ${fault}`, EXIT.usage)
  io.say(`See: ${what} --help\n`)
  return EXIT.usage
}

function countFault(spec: CommandSpec, words: readonly Argument[]): string | null {
  const [least, most] = spec.words
  if (words.length < least) return `${spec.wordsMissing ?? `${spec.synopsis} is missing`}`
  const extra = words[most]
  return extra === undefined ? null : `${JSON.stringify(extra.text)} is one argument too many`
}
