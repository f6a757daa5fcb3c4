import { expect, it } from 'vitest'
import { commandLine } from './command-line.ts'

it('gives a command that can be copied, with the home that was named', () => {
  expect(commandLine({ environment: {}, home: undefined }, 'resume', 'boat-ab12')).toBe(
    'infrafabric resume boat-ab12',
  )
  expect(commandLine({ environment: {}, home: "./Captain's papers" }, 'report', 'boat-ab12')).toBe(
    "infrafabric report boat-ab12 --home './Captain'\\''s papers'",
  )
})

it('calls npx where npm ran it, as the command is not on the path then', () => {
  expect(commandLine({ environment: { npm_command: 'run-script' }, home: undefined }, 'list')).toBe(
    'npx infrafabric list',
  )
})
