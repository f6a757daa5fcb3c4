import type { OptionSpec } from './arguments.ts'
import { COMMANDS, type CommandSpec, GLOBAL_OPTIONS } from './command-specs.ts'

const WIDTH = 100

export function generalHelp(version: string): string {
  const commands = COMMANDS.map(({ name, about }): [string, string] => [name, about])
  return [
    `infrafabric ${version}: a swarm of agents whose answer can be checked`,
    '',
    'Usage: infrafabric <command> [options]',
    '',
    ...columns(commands),
    '',
    'Options of every command:',
    ...columns([
      ...optionRows(GLOBAL_OPTIONS),
      ['--help, -h', 'what a command does, with examples'],
      ['--version, -V', 'the version of infrafabric'],
    ]),
    '',
    'Start here:',
    '  infrafabric ask "What must a new owner do first?" --evidence ./documents',
    '',
    'A session may be named by any beginning that is unique. Exit codes: 0 done, 1 failed, 2 wrong',
    'usage, 3 stopped by budget or deadline, 130 interrupted (resumable).',
    '',
  ].join('\n')
}

export function commandHelp(spec: CommandSpec): string {
  const { name, synopsis, about, details, options, examples } = spec
  const own = optionRows(options)
  const global: [string, string][] = [...optionRows(GLOBAL_OPTIONS), ['--help, -h', 'this text']]
  const width = Math.max(...[...own, ...global].map(([left]) => left.length))
  return [
    `Usage: infrafabric ${[name, synopsis].filter((part) => part !== '').join(' ')} [options]`,
    '',
    ...wrap(`${about[0]?.toUpperCase()}${about.slice(1)}.${details === undefined ? '' : ` ${details}`}`),
    '',
    'Options:',
    ...columns([...own, ...global], width),
    '',
    examples.length === 1 ? 'Example:' : 'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
  ].join('\n')
}

function optionRows(options: Readonly<Record<string, OptionSpec>>): [string, string][] {
  return Object.entries(options).map(([name, { value, short, about }]) => [
    `--${name}${value === undefined ? '' : ` ${value}`}${short === undefined ? '' : `, -${short}`}`,
    about,
  ])
}

function columns(
  rows: readonly (readonly [string, string])[],
  width = Math.max(...rows.map(([left]) => left.length)),
): string[] {
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}

function wrap(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
