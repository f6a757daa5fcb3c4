import { appendFile, chmod, mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startAnthropicServer } from '@infrafabric/driver-models/testing'
import { canonicalize, chainHash, chainStart } from '@infrafabric/protocol'
import { nodePrimitives } from '@infrafabric/runtime'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { mountSmallDisk } from '../../drivers/local/src/small-disk.ts'
import { Desk, linesOf } from './cli-process.ts'

let desk: Desk
beforeAll(async () => {
  desk = await Desk.open()
})
afterAll(() => desk.close())

/** A desk whose home may be damaged. */
async function ownDesk(): Promise<Desk> {
  const own = await Desk.open()
  onTestFinished(() => own.close())
  return own
}

describe('a faulty mission', () => {
  it('is refused with all its faults at once, each with line and column, and nothing is made', async () => {
    const own = await ownDesk()
    await own.write(
      'bad.yaml',
      `mission: Bad Name
objective: What?
evidence: lease.txt
budget: -1
deadline: soon
agents:
  worker: { count: 0 }
tasks:
  - { id: one, question: What?, needs: [two] }
  - { id: two, question: What?, needs: [one, three] }
  - { id: one, question: What? }
`,
    )
    const { code, stdout, stderr } = await own.run(['run', 'bad.yaml'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/the mission has \d+ faults; nothing was started/)
    for (const place of ['1:10', '4:9', '5:11', '7:20', '10:41', '10:46', '11:11'])
      expect(stderr).toContain(`bad.yaml:${place}`)
    expect(stderr).toContain('is already used in line 9')
    expect(stderr).toContain('"three", which is not defined')
    expect(stderr).toContain('in a circle: one → two → one')
    expect((await own.run(['list'])).stdout).toContain('There are no sessions yet.')
  })

  it.each([
    ['nowhere.yaml', 'nowhere.yaml: there is no such mission file; check the path'],
    ['latin.yaml', 'latin.yaml: is not UTF-8 text; save it as UTF-8'],
    ['empty.yaml', 'is empty; a mission needs at least mission, objective and evidence'],
  ])('is refused when the file is no mission: %s', async (name, message) => {
    await desk.write('latin.yaml', Buffer.from('mission: caf\xe9\n', 'latin1'))
    await desk.write('empty.yaml', '')
    const { code, stderr } = await desk.run(['run', name])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

describe('evidence that cannot be used', () => {
  it('is told source by source, the rest goes on, and the report says so', async () => {
    const own = await ownDesk()
    await own.write('empty.txt', '')
    await own.write('picture.png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))
    await own.write('tape.bin', Buffer.from([0, 255, 1, 254, 0, 0, 7, 200, 0, 3]))
    await own.write('torn.pdf', '%PDF-1.7\nhalf a file')
    await own.write('locked.pdf', ENCRYPTED_PDF)
    await symlink('nowhere', join(own.folder, 'dangling.txt'))
    await own.write('huge.txt', '')
    await truncate(join(own.folder, 'huge.txt'), 60 * 1024 * 1024)
    const mission = await own.mission({
      evidence:
        '[lease.txt, empty.txt, picture.png, torn.pdf, locked.pdf, dangling.txt, huge.txt, no-such.txt, "*.eml", tape.bin]',
    })
    const { code, stdout, stderr } = await own.run(['run', mission, '--model', 'extractive', '--json'])
    expect(code).toBe(0)
    const [started, ...rest] = linesOf(stdout)
    const faults = (started?.sourceFaults ?? []) as { name: string; code: string }[]
    const codes = Object.fromEntries(faults.map(({ name, code }) => [name, code]))
    expect(codes).toEqual({
      'empty.txt': 'empty',
      'picture.png': 'unsupported',
      'torn.pdf': 'corrupt',
      'locked.pdf': 'encrypted',
      'dangling.txt': 'unreadable',
      'huge.txt': 'too-large',
      'no-such.txt': 'matches-nothing',
      '*.eml': 'matches-nothing',
      'tape.bin': 'binary',
    })
    const { report } = rest.at(-1) as { report: { md: string } }
    const text = await readFile(report.md, 'utf8')
    for (const name of Object.keys(codes)) {
      expect(stderr).toContain(`left out: ${name}`)
      expect(text.replaceAll('\\', '')).toContain(name)
    }
    expect(text).toContain('EUR 480')
  })

  it('starts nothing when none of it can be used', async () => {
    const own = await ownDesk()
    const { code, stderr } = await own.run(['ask', 'How much is the rent?', '--evidence', './leases'])
    expect(code).toBe(2)
    expect(stderr).toContain('none of the evidence can be used')
    expect(stderr).toContain('./leases is not there')
    expect((await own.run(['list'])).stdout).toContain('no sessions')
  })
})

describe('a session', () => {
  it('that there is not is named, with what was probably meant', async () => {
    const own = await ownDesk()
    const session = await own.session()
    const typo = session.replace('lease', 'laese')
    for (const args of [
      ['status'],
      ['report'],
      ['bill'],
      ['resume'],
      ['cancel'],
      ['verify'],
      ['export', '-o', 'x'],
    ]) {
      const { code, stderr } = await own.run([...args, typo])
      expect([args[0], code]).toEqual([args[0], 2])
      expect(stderr).toContain(`there is no session "${typo}"`)
      expect(stderr).toContain(`did you mean "${session}"?`)
    }
    await own.session()
    const several = await own.run(['status', 'lease'])
    expect(several.code).toBe(2)
    expect(several.stderr).toContain('"lease" begins 2 sessions')
  })

  it('whose journal was changed is refused with the first bad entry named, and not touched', async () => {
    const own = await ownDesk()
    const session = await own.session()
    edit(own, "UPDATE entry SET body = replace(body, 'boathouse', 'lighthouse')")
    const before = journalOf(own)
    for (const command of ['report', 'resume', 'status', 'bill']) {
      const { code, stderr } = await own.run([command, session])
      expect([command, code]).toEqual([command, 1])
      expect(stderr).toMatch(/the journal of session "lease-\w+" is damaged: entry \d+ is the first bad one/)
      expect(stderr).toContain('Nothing was changed; restore the home from a backup')
    }
    const verified = await own.run(['verify', session])
    expect(verified.code).toBe(1)
    expect(verified.stdout).toMatch(/entry \d+: .*\[chain\]/)
    expect(journalOf(own)).toEqual(before)
  })

  it('that was made by a newer version is refused with the remedy, and so is a newer home', async () => {
    const own = await ownDesk()
    const session = await own.session()
    makeNewer(own, session)
    for (const command of ['resume', 'report', 'status']) {
      const { code, stderr } = await own.run([command, session])
      expect([command, code]).toEqual([command, 1])
      expect(stderr).toContain("whose journal format 99 is newer than this program's 1: update infrafabric")
    }
    // The others can still be listed.
    expect(await own.run(['list'])).toMatchObject({ code: 0, stdout: expect.stringContaining('newer') })
    await writeFile(join(own.home, 'version'), '99\n')
    for (const args of [['list'], ['resume', session], ['report', session]]) {
      const { code, stderr } = await own.run(args)
      expect([args[0], code]).toEqual([args[0], 1])
      expect(stderr).toContain(
        'was made by a newer InfraFabric (layout 99; this one knows 1). Nothing was changed.',
      )
    }
  })

  it('that another process runs is left to it, and named with its process', async () => {
    const server = await startAnthropicServer({ respond: () => ({}), faults: () => ({ fault: 'hang' }) })
    onTestFinished(() => server.close())
    const own = await ownDesk()
    const env = { ANTHROPIC_API_KEY: 'key', ANTHROPIC_BASE_URL: server.url }
    const args = ['run', await own.mission(), '--model', 'anthropic/claude-haiku-4-5']
    const first = own.start(args, env)
    await first.said(/tasks? to do/)
    const { code, stderr } = await own.run(['resume', 'lease'], env)
    expect(code).toBe(1)
    expect(stderr).toContain(`is being run by process ${first.child.pid} on`)
    expect(stderr).toContain('--watch')
    expect((await own.run(['cancel', 'lease'])).code).toBe(0)
    // A cancel waits ten seconds for the attempts; two signals end it at once.
    first.child.kill('SIGTERM')
    await first.said(/press Ctrl-C again/)
    first.child.kill('SIGINT')
    expect((await first.ended).code).toBe(130)
  })
})

describe('a home', () => {
  it('that is a file is refused with what to do', async () => {
    await desk.write('file', '')
    const { code, stderr } = await desk.run(['run', await desk.mission(), '--home', 'file'])
    expect(code).toBe(1)
    expect(stderr).toContain('file: is in the way. Move it away.')
  })

  it('on a read-only disk can be read, not written', async ({ skip }) => {
    const own = await ownDesk()
    const disk = mountSmallDisk(own.home, 32, onTestFinished)
    if (disk === undefined) return skip('mounting is not permitted here')
    const session = await own.session()
    disk.makeReadOnly()
    const refused = await own.run(['run', await own.mission(), '--model', 'extractive'])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/not permitted|read-only/)
    expect((await own.run(['report', session])).code).toBe(0)
    const doctor = await own.run(['doctor'])
    expect(doctor.code).toBe(1)
    expect(doctor.stdout).toContain(`${own.home} is not writable (EROFS)`)
  })

  it('that may not be written is refused', async ({ skip }) => {
    if (process.getuid?.() === 0) return skip('root may write everywhere')
    const own = await ownDesk()
    await mkdir(own.home)
    await chmod(own.home, 0o500)
    const { code, stderr } = await own.run(['run', await own.mission(), '--model', 'extractive'])
    expect(code).toBe(1)
    expect(stderr).toContain('not permitted')
  })

  it('on a full disk stops the session, which goes on when there is room', async ({ skip }) => {
    const own = await ownDesk()
    const disk = mountSmallDisk(own.home, 32, onTestFinished)
    if (disk === undefined) return skip('mounting is not permitted here')
    const session = await own.session()
    const filler = join(own.home, 'filler')
    await fill(filler)
    const full = await own.run(['run', await own.mission(), '--model', 'extractive'])
    expect(full.code).toBe(1)
    expect(full.stderr).toMatch(/disk .*is full/)
    expect(full.stderr).not.toContain('fault of infrafabric')
    await rm(filler)
    expect((await own.run(['verify', session])).code).toBe(0)
    expect((await own.run(['run', await own.mission(), '--model', 'extractive'])).code).toBe(0)
  })
})

/** Until nothing more fits. */
async function fill(path: string): Promise<void> {
  const bytes = new Uint8Array(4_096)
  try {
    for (;;) await appendFile(path, bytes)
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' })
  }
}

function edit(own: Desk, sql: string): void {
  const database = new Database(join(own.home, 'journal.db'))
  expect(database.prepare(sql).run().changes).toBeGreaterThan(0)
  database.close()
}

/** The opening of a session as a later version would have written it: a good chain, a format of its own. */
function makeNewer(own: Desk, session: string): void {
  const database = new Database(join(own.home, 'journal.db'))
  const row = database.prepare('SELECT position, body FROM entry ORDER BY position LIMIT 1').get()
  const { position, body } = row as { position: number; body: string }
  const newer = canonicalize({ ...JSON.parse(body), v: 99 })
  const hash = chainHash(chainStart(session, nodePrimitives), newer, nodePrimitives)
  database.prepare('UPDATE entry SET body = ?, hash = ? WHERE position = ?').run(newer, hash, position)
  database.close()
}

function journalOf(own: Desk): unknown[] {
  const database = new Database(join(own.home, 'journal.db'), { readonly: true })
  const rows = database.prepare('SELECT * FROM entry').all()
  database.close()
  return rows
}

/** Its trailer names an encryption dictionary: nobody reads it without the password. */
const ENCRYPTED_PDF = `%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >> endobj
4 0 obj << /Filter /Standard /V 1 /R 2 /P -4 /O <${'61'.repeat(32)}> /U <${'62'.repeat(32)}> >> endobj
trailer << /Root 1 0 R /Encrypt 4 0 R /ID [<61626364> <61626364>] /Size 5 >>
%%EOF
`
