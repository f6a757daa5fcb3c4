import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from '../../scripts/bundle.mjs'
import { Desk, linesOf, ROOT } from './cli-process.ts'

const COMMANDS = 'ask run list status resume cancel report bill export verify init doctor models'.split(' ')

let desk: Desk
beforeAll(async () => {
  desk = await Desk.open()
})
afterAll(() => desk.close())

describe.concurrent('what a user types', () => {
  it('names every command in --help, on stdout, with exit code 0', async () => {
    const { code, stdout, stderr } = await desk.run(['--help'])
    expect(code).toBe(0)
    expect(stderr).toBe('')
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
  })

  it('gives the help of each command with an example of it', async () => {
    for (const name of COMMANDS) {
      const { code, stdout } = await desk.run([name, '--help'])
      expect([name, code]).toEqual([name, 0])
      expect(stdout).toContain(`Usage: infrafabric ${name}`)
      expect(stdout).toMatch(new RegExp(`Examples?:\\n  infrafabric ${name}`))
    }
  })

  it('shows the same help for help <command>', async () => {
    const [one, other] = await Promise.all([desk.run(['help', 'run']), desk.run(['run', '-h'])])
    expect(one).toEqual(other)
  })

  it('says its version', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'apps/cli/package.json'), 'utf8'))
    expect(await desk.run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` })
  })

  it('without a command shows help on stderr with exit code 2', async () => {
    const { code, stdout, stderr } = await desk.run([])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('Usage: infrafabric <command>')
  })

  it.each([
    [['rnu', 'mission.yaml'], 'there is no command "rnu"; did you mean "run"?'],
    [['frobnicate'], 'there is no command "frobnicate"'],
    [['run', 'mission.yaml', '--buget', '1'], 'there is no option --buget; did you mean "--budget"?'],
    [['run', 'mission.yaml', '-x'], 'there is no option -x'],
    [['run'], 'which mission file? Make one with: infrafabric init'],
    [['run', 'a.yaml', 'b.yaml'], '"b.yaml" is one argument too many'],
    [['run', 'a.yaml', '--budget'], '--budget needs a value: --budget USD'],
    [['run', 'a.yaml', '--budget', '--out'], '--budget needs a value: --budget USD'],
    [['run', 'a.yaml', '--budget', '1', '--budget', '2'], '--budget is given twice'],
    [['list', '--json=yes'], '--json takes no value'],
    [['status'], 'which session? See: infrafabric list'],
    [['report', 'x', '--format', 'docx'], '--format "docx" is none of md, html, json'],
    [['export', 'x'], 'which file shall be written? Add -o FILE'],
    [['verify', 'x', '--operator', 'abc'], '--operator must be the 64 hexadecimal digits of a fingerprint'],
    [['ask', '--evidence', 'lease.txt'], 'there is no question; write it in quotes'],
    [['ask', 'How much?'], 'what shall it be answered from? Add --evidence'],
    [['ask', 'How', 'much?', '--evidence', 'lease.txt'], 'there are 2 questions; write one, in quotes'],
  ])('refuses %j in one or two lines with exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await desk.run(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2)
  })

  it.each([
    [['--budget', 'much'], '--budget "much" is not an amount in US dollars; write it as in 1.50'],
    [['--budget', '-1'], '--budget'],
    [['--deadline', '10'], '--deadline must be'],
    [['--agents', '0'], '--agents must be from 1 to 1,000'],
    [['--agents', 'ten'], '--agents must be'],
    [['--model', 'gpt'], '--model must be auto, extractive or provider/model'],
    [['--price', 'cheap'], '--price "cheap": write it as in provider/model=input:1.00,output:5.00'],
  ])('checks the options %j by the rules of a mission', async (options, message) => {
    for (const command of [
      ['run', await desk.mission()],
      ['ask', 'How much is the rent?', '--evidence', 'lease.txt'],
    ]) {
      const { code, stderr } = await desk.run([...command, ...options])
      expect([code, command[0]]).toEqual([2, command[0]])
      expect(stderr).toContain(message)
    }
  })

  it('tells an error in JSON too', async () => {
    const { code, stdout, stderr } = await desk.run(['status', 'nobody', '--json'])
    expect(code).toBe(2)
    expect(linesOf(stdout)).toEqual([{ event: 'error', message: expect.any(String), exitCode: 2 }])
    expect(stderr).not.toBe('')
  })

  it('starts without loading anything but Node.js and the list of commands', async () => {
    const { metafile } = await bundle()
    const outputs = metafile?.outputs ?? {}
    const wanted = ['apps/cli/dist/main.js']
    const imported = new Set<string>()
    let bytes = 0
    for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
      bytes += outputs[path]?.bytes ?? 0
      for (const { path: next, kind, external } of outputs[path]?.imports ?? []) {
        if (kind !== 'import-statement') continue
        if (external) imported.add(next)
        else wanted.push(next)
      }
    }
    expect([...imported]).toEqual(['node:util'])
    expect(bytes).toBeLessThan(40_000)
  })
})

describe('on a Node.js that is too old', () => {
  it('says which one is needed and where to get it, with exit code 2', async () => {
    await desk.write(
      'old-node.cjs',
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })\n",
    )
    const { code, stderr } = await desk.start(['list'], {}, ['--require', join(desk.folder, 'old-node.cjs')])
      .ended
    expect(code).toBe(2)
    expect(stderr).toBe(
      'infrafabric needs Node.js 22.12 or newer; this is 20.20.2. Install a newer one (https://nodejs.org) and run the command again.\n',
    )
  })
})
