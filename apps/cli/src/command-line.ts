import type { Context } from './context.ts'

/** A command that can be copied, as in `infrafabric resume handover-7f3k --home ./elsewhere`. */
export function commandLine(context: Pick<Context, 'environment' | 'home'>, ...words: string[]): string {
  // Run by npm, the command is not on the path of whoever reads this.
  const program = context.environment.npm_command === undefined ? ['infrafabric'] : ['npx', 'infrafabric']
  const home = context.home === undefined ? [] : ['--home', context.home]
  return [...program, ...words, ...home].map(quoteForShell).join(' ')
}

function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
