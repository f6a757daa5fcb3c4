import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMAND, Desk, linesOf } from './cli-process.ts'

let desk: Desk
let session: string
beforeAll(async () => {
  desk = await Desk.open()
  session = await desk.session()
})
afterAll(() => desk.close())

describe.concurrent('a session that is done', () => {
  it('is listed', async () => {
    const { code, stdout } = await desk.run(['list'])
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^${session} .* 2 of 2 tasks; done$`, 'm'))
    const { stdout: json } = await desk.run(['list', '--json'])
    expect(linesOf(json)).toContainEqual(
      expect.objectContaining({ session, state: 'completed', finished: 2, spentMicros: 0 }),
    )
  })

  it('has its report in the home, in three formats', async () => {
    const folder = join(desk.home, 'reports', session)
    expect((await readdir(folder)).sort()).toEqual(['report.html', 'report.json', 'report.md'])
    const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'))
    expect(report.counts).toMatchObject({ questions: 1, answered: 1 })
  })

  it.each(['md', 'html', 'json'])('shows the same report as %s', async (format) => {
    const { code, stdout } = await desk.run(['report', session, '--format', format])
    expect(code).toBe(0)
    expect(stdout).toBe(await readFile(join(desk.home, 'reports', session, `report.${format}`), 'utf8'))
  })

  it('answers to any beginning of its name, and to its URI', async () => {
    for (const name of [session.slice(0, 3), `if://session/${session}`]) {
      const { code, stdout } = await desk.run(['status', name])
      expect(code).toBe(0)
      expect(stdout).toContain(`${session}: completed`)
    }
  })

  it('has a bill', async () => {
    expect((await desk.run(['bill', session])).stdout).toContain('This session cost nothing')
    const [bill] = linesOf((await desk.run(['bill', session, '--json'])).stdout)
    expect(bill).toMatchObject({ session, spentMicros: 0, free: true })
  })

  it('stays as it is when it is resumed or cancelled', async () => {
    expect((await desk.run(['resume', session])).code).toBe(0)
    const { code, stdout } = await desk.run(['cancel', session])
    expect([code, stdout]).toEqual([0, `${session} is done already.\n`])
  })

  it('can be verified, also by whom it was run', async () => {
    const { code, stdout } = await desk.run(['verify', session, '--json'])
    expect(code).toBe(0)
    const [audit] = linesOf(stdout)
    expect(audit).toMatchObject({ ok: true, faults: [], session })
    const operator = String(audit?.operatorFingerprint)
    expect((await desk.run(['verify', session, '--operator', `sha256:${operator.toUpperCase()}`])).code).toBe(
      0,
    )
    const other = await desk.run(['verify', session, '--operator', 'a'.repeat(64)])
    expect(other.code).toBe(1)
    expect(other.stdout).toContain('[operator]')
  })

  it('is refused with the place named when one byte of its export is changed, in a folder that knows nothing', async () => {
    const file = join(desk.folder, 'session.tar.gz')
    const { code, stdout } = await desk.run(['export', session, '-o', 'session.tar.gz'])
    expect(code).toBe(0)
    expect(stdout).toContain('signed by its operator')
    const empty = join(desk.folder, 'empty')
    await mkdir(empty)
    const home = { INFRAFABRIC_HOME: join(empty, 'home') }
    expect(await desk.run(['verify', file], home)).toMatchObject({ code: 0 })
    const bytes = await readFile(file)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    await writeFile(join(empty, 'changed.tar.gz'), bytes)
    const changed = await desk.run(['verify', join(empty, 'changed.tar.gz')], home)
    expect(changed.code).toBe(1)
    expect(changed.stdout).toContain('[archive]')
    await expect(stat(join(empty, 'home'))).rejects.toThrow('ENOENT')
  })

  it('prints JSON lines only on stdout, and what people want to know on stderr', async () => {
    const { code, stdout, stderr } = await desk.run([
      ...['run', await desk.mission(), '--model', 'extractive', '--json', '--out', 'elsewhere'],
    ])
    expect(code).toBe(0)
    const lines = linesOf(stdout)
    expect(lines.map(({ event }) => event)).toEqual(expect.arrayContaining(['started', 'notice', 'finished']))
    expect(lines.at(-1)).toMatchObject({
      event: 'finished',
      stopped: 'completed',
      exitCode: 0,
      resumable: false,
      report: { md: join(desk.folder, 'elsewhere/report.md') },
    })
    expect(stderr).toContain('report    elsewhere/report.html')
    expect(stderr).toContain('infrafabric verify lease-')
  })

  it('shows plain lines without control characters where there is no terminal', async () => {
    const { stdout, stderr } = await desk.run(['run', await desk.mission(), '--model', 'extractive'])
    expect(stderr).toContain('[1/2] ✓ rent: ')
    expect(stderr + stdout).toMatch(/^[^\p{Cc}]*$/mu)
    expect((stderr + stdout).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })

  it('answers one question from files that the shell has listed', async () => {
    for (const args of [
      ['How much is the monthly rent?', '--evidence', 'lease.txt', 'letter.md'],
      ['--evidence', 'lease.txt', 'letter.md', 'How much is the monthly rent?'],
      ['-e', 'lease.txt', '-e', 'letter.md', '--agents', '2', 'How much is the monthly rent?'],
    ]) {
      const { code, stdout } = await desk.run(['ask', ...args, '--model', 'extractive', '--json'])
      expect(code).toBe(0)
      const lines = linesOf(stdout)
      expect(lines[0]).toMatchObject({ event: 'started', sources: 2 })
      const { report } = lines.at(-1) as { report: { md: string } }
      expect(await readFile(report.md, 'utf8')).toContain('EUR 480')
    }
  })

  it('drops the rest without a word when nobody reads any more', async () => {
    const { code, stderr } = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
      const child = spawn(process.execPath, [COMMAND, 'report', session, '--format', 'html'], {
        env: { PATH: process.env.PATH, INFRAFABRIC_HOME: desk.home },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child.stdout.destroy()
      let stderr = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
      })
      child.on('close', (code) => resolve({ code, stderr }))
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

describe('a folder without sessions', () => {
  it('has an empty list', async () => {
    const { code, stdout } = await desk.run(['list', '--home', join(desk.folder, 'nothing')])
    expect(code).toBe(0)
    expect(stdout).toContain('There are no sessions yet.')
    await expect(stat(join(desk.folder, 'nothing'))).rejects.toThrow('ENOENT')
  })

  it('gets a mission to start from, which is never overwritten', async () => {
    const { code, stdout } = await desk.run(['init'])
    expect(code).toBe(0)
    expect(stdout).toContain('infrafabric run mission.yaml')
    await mkdir(join(desk.folder, 'documents'))
    await desk.write('documents/lease.txt', 'The rent for the first month is EUR 480.\n')
    expect((await desk.run(['run', 'mission.yaml', '--model', 'extractive'])).code).toBe(0)
    await desk.write('mission.yaml', 'mine')
    const again = await desk.run(['init'])
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('mission.yaml is there already and was not touched')
    expect(await readFile(join(desk.folder, 'mission.yaml'), 'utf8')).toBe('mine')
  })

  it('passes the doctor, who leaves nothing behind', async () => {
    const before = await readdir(desk.folder)
    const { code, stdout } = await desk.run(['doctor', '--home', join(desk.folder, 'nothing'), '--json'])
    expect(code).toBe(0)
    const subjects = linesOf(stdout).map(({ subject }) => subject)
    expect(subjects).toEqual(
      expect.arrayContaining(['Node.js', 'home', 'disk', 'clock', 'Anthropic', 'extractive']),
    )
    expect(await readdir(desk.folder)).toEqual(before)
  })

  it('lists the models and which of them auto takes', async () => {
    const { code, stdout } = await desk.run(['models', '--json'])
    expect(code).toBe(0)
    expect(linesOf(stdout).filter(({ chosen }) => chosen)).toEqual([
      expect.objectContaining({ source: 'extractive', usable: true }),
    ])
  })
})
