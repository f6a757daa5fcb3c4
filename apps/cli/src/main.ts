import manifest from '../package.json' with { type: 'json' }

/** @param argv what follows the command's name */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv[0] === '--version') {
    process.stdout.write(`${manifest.version}\n`)
    return
  }
  process.stderr.write('infrafabric: usage: infrafabric --version\n')
  process.exitCode = 2
}
