#!/usr/bin/env node
// Plain JavaScript that every Node.js can parse: an old one must get a sentence, not a stack trace.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `infrafabric needs Node.js 22.12 or newer; this is ${process.versions.node}. Install a newer one (https://nodejs.org) and run the command again.\n`,
  )
  process.exit(2)
}
import('../dist/main.js').then((cli) => cli.main(process.argv.slice(2)))
